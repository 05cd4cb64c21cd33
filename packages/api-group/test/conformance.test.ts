import { parseCallList } from '@iommu-lab/conformance';
import { describeConformance } from '@iommu-lab/conformance/vitest';
import { attach, replace } from '../src/index';
import attachCalls from './attach.calls.json';
import replaceCalls from './replace.calls.json';

describeConformance(attach, { calls: parseCallList(attachCalls, 'attach.calls.json') });
describeConformance(replace, { calls: parseCallList(replaceCalls, 'replace.calls.json') });
