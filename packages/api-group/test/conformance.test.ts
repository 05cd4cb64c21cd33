import { parseCallList } from '@iommu-lab/conformance';
import { describeConformance } from '@iommu-lab/conformance/vitest';
import { replace } from '../src/index';
import replaceCalls from './replace.calls.json';

describeConformance(replace, { calls: parseCallList(replaceCalls, 'replace.calls.json') });
