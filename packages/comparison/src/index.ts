/** @iommu-lab/comparison: whatever needs two variants at once. */
export { checkCallLists } from './call-lists';
export {
  CLAIMS,
  type Claim,
  JUDGED_CLAIMS,
  type JudgedClaim,
  type Judgement,
  PENDING_CLAIMS,
  type PendingClaim,
} from './claims/index';
export { type CompareOptions, type Comparison, compare } from './compare';
export { type Conformance, type ConformOptions, conform } from './conform';
export {
  type ExploreJob,
  type ExploreOptions,
  exploreAll,
  exploreHolds,
  exploreJobs,
  exploreReport,
} from './explore';
export { type HazardResult, hazardResults, type Outcome, outcomeOf } from './hazards/hazard-result';
export { HAZARD_RESULTS } from './hazards/index';
export { findVariant, selectVariants, VARIANTS } from './registry';
export { type ReplayedToken, type ReplayOptions, replayToken } from './replay';
export { SUPPORT, type SupportTable } from './support';
export { type TracedCase, type TracedStep, traceWorkload } from './trace-workload';
export { blackoutOf, type TrafficOptions, traffic, trafficMachines } from './traffic';
export { type UnusableCase, type Verified, verifyTraces } from './verify';
