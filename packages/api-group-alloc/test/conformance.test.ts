import { parseCallList } from '@iommu-lab/conformance';
import { describeConformance } from '@iommu-lab/conformance/vitest';
import { iterator, oneStep, twoStep } from '../src/index';
import iteratorCalls from './iterator.calls.json';
import oneStepCalls from './one-step.calls.json';
import twoStepCalls from './two-step.calls.json';

describeConformance(twoStep, { calls: parseCallList(twoStepCalls, 'two-step.calls.json') });
describeConformance(oneStep, { calls: parseCallList(oneStepCalls, 'one-step.calls.json') });
describeConformance(iterator, { calls: parseCallList(iteratorCalls, 'iterator.calls.json') });
