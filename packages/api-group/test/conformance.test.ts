import { parseCallList } from '@iommu-lab/conformance';
import { describeConformance } from '@iommu-lab/conformance/vitest';
import { attach, replace, replaceV1 } from '../src/index';
import attachCalls from './attach.calls.json';
import replaceCalls from './replace.calls.json';
import replaceV1Calls from './replace-v1.calls.json';

describeConformance(attach, { calls: parseCallList(attachCalls, 'attach.calls.json') });
describeConformance(replace, { calls: parseCallList(replaceCalls, 'replace.calls.json') });
describeConformance(replaceV1, { calls: parseCallList(replaceV1Calls, 'replace-v1.calls.json') });
