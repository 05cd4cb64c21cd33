import { parseCallList } from '@iommu-lab/conformance';
import { describeConformance } from '@iommu-lab/conformance/vitest';
import { devMutex, passedIn, pinned, raw } from '../src/index';
import devMutexCalls from './dev-mutex.calls.json';
import passedInCalls from './passed-in.calls.json';
import pinnedCalls from './pinned.calls.json';
import rawCalls from './raw.calls.json';

describeConformance(raw, { calls: parseCallList(rawCalls, 'raw.calls.json') });
describeConformance(pinned, { calls: parseCallList(pinnedCalls, 'pinned.calls.json') });
describeConformance(devMutex, { calls: parseCallList(devMutexCalls, 'dev-mutex.calls.json') });
describeConformance(passedIn, { calls: parseCallList(passedInCalls, 'passed-in.calls.json') });
