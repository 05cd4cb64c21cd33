export { type Case, type CaseExpectations, parseCase, parseCases } from './grammar/case';
export { type DocumentName, documentSchemas } from './grammar/documents';
export {
  type ArgsOf,
  isOperationName,
  type OperationName,
  type OutOf,
  operations,
} from './grammar/operations';
export { PROFILE_ERAS, type Profile, parseProfile } from './grammar/profile';
export type {
  Expectation,
  GivenNames,
  Step,
  StepOf,
  WorkloadStep,
  WorkloadStepOf,
} from './grammar/step';
export { parseWorkload, type Workload } from './grammar/workload';
export { hazards, pendingHazards } from './hazards/catalogue';
export { type JudgedHazard, type PendingHazard, parseHazards } from './hazards/hazard';
export { InputError, type InputPlace } from './input-error';
export { type CallList, callText, compareCalls, parseCallList } from './observe/call-list';
export { entryPoints, type ObservedCall } from './observe/calls';
export { type Observation, observeOperations, observeUnplug } from './observe/observe-operations';
export { OBSERVED_OPERATIONS, type ObservedOperation } from './observe/observed-operations';
export { observeSurface, type Surface } from './observe/surface';
export { observeTraffic } from './observe/traffic';
export { groupNumbersByMember, profile, profileIds, profileOfEra } from './profiles';
export { type Recording, recordings } from './recordings';
export {
  type ExploreReport,
  type ExploreResult,
  type ExploreViolation,
  parseExploreReport,
} from './results/explore-report';
export type { Failure, Skip } from './results/failure';
export { junit } from './results/junit';
export { FRONTENDS, placeOfCase, type ResultKey, resultKeyOf, resultKeyText } from './results/result-key';
export {
  type Cost,
  parseResults,
  RESULTS_VERSION,
  type ResultRow,
  type Results,
  type Tally,
  type WorkloadResult,
} from './results/results';
export { parseTrafficReport, type TrafficReport, type TrafficResult } from './results/traffic';
export { parseVerifyReport, type VerifyReport } from './results/verify-report';
export { type CaseResult, type DeclaredStep, holds, type StepFailure } from './run/case-result';
export { insteadText, speaksOf } from './run/declared';
export { Bench, Benches, Interpreter } from './run/interpreter';
export { CaseRunner, type RunOptions, runCase } from './run/run-case';
export { scenarioNamed, scenarios } from './scenario/built-in';
export { type ExploreScenarioOptions, exploreScenario } from './scenario/explore';
export {
  eraOfScenario,
  programId,
  type ScenarioOptions,
  type ScenarioProgram,
  scenarioProgram,
  type ThreadAnswers,
} from './scenario/program';
export {
  type HazardOf,
  parseScenario,
  type Scenario,
  type ScenarioThread,
  type Sought,
} from './scenario/scenario';
export { isSought } from './scenario/sought';
export { selectCases } from './select-cases';
export { compareStep, type Difference, type StepAnswer } from './trace/compare';
export { readTrace, readTraceLine, type TraceLine, type TraceSource } from './trace/read';
export { trafficWorkloads } from './traffic-workloads';
export {
  checkVector,
  isFaultVector,
  readVectors,
  type Vector,
  type VectorResult,
  vectorId,
} from './vectors/index';
export { SUITE_VERSION } from './version';
export { workloads } from './workloads/index';
export { RECORDED_CLAUSES } from './workloads/recorded-clauses';
