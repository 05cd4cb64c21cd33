/** @iommu-lab/explorer: modelled concurrent kernel code, run one way or every way. Knows no IOMMU. */
export { AppendOnlyLog } from './append-only';
export { AtomicInteger } from './atomic-integer';
export type { Births } from './births';
export { Cell, type Guard, Location } from './cell';
export type { ExternalState, WorldCheckpoint } from './checkpoint';
export { Completion } from './completion';
export { columns, type Detail } from './counterexample/columns';
export {
  type Counterexample,
  counterexampleAt,
  counterexampleOf,
  type ReplayedSchedule,
  replayRecorded,
} from './counterexample/counterexample';
export type { RecordedEvent } from './counterexample/recording';
export { LeakCheck, type LeakOptions } from './detect/leak';
export type { LockOrder } from './detect/lock-order';
export { canonicalHash, StateDigest } from './digest';
export { BlockedError, type Direct, type DirectFunction, direct } from './direct';
export { type EventKind, type EventListener, labelOf, type TraceEvent } from './event';
export { FailurePoint, failureThread } from './failure-point';
export { Fiber, type FiberState, KernelBug, type Lockable, type Oops } from './fiber';
export { kernelFunction } from './kernel-function';
export { KernelObject, type Owner } from './kernel-object';
export { ListCell } from './list-cell';
export { Mutex } from './mutex';
export {
  AccessKind,
  AccessList,
  ENDED_BY_KERNEL,
  type Enabled,
  type Execute,
  type Op,
  type OperationKind,
  PendingOperation,
  type Step,
  type Target,
  type WaitOptions,
} from './operation';
export { PlainCell } from './plain-cell';
export { type Program, type ProgramParts, program, type Thread } from './program';
export { SeededRandom } from './random';
export type { Recorder } from './recorder';
export { Refcount } from './refcount';
export {
  randomScheduler,
  runSchedule,
  type ScheduleResult,
  type Scheduler,
} from './run-schedule';
export { RwSemaphore } from './rwsem';
export { type Agreement, exploreTwice } from './search/agreement';
export type { Because, Deciding, EventPattern } from './search/because';
export { countInterleavings, type InterleavingCount } from './search/count-interleavings';
export { type Accesses, kindsDepend } from './search/dependency';
export type { Ending } from './search/ending';
export { Execution } from './search/execution';
export type {
  Engine,
  ExecutionView,
  Exploration,
  ExploreOptions,
  Finding,
  Progress,
  VerdictWord,
} from './search/exploration';
export { explore } from './search/explore';
export { type Replay, type ReplayOptions, replay } from './search/replay';
export { type Shrunk, shrink } from './search/shrink';
export { type Deviation, formatToken, parseToken, programHash, type Token } from './search/token';
export { Interruption, Signal, type SignalledTask, signalOf } from './signal';
export { Spinlock } from './spinlock';
export { type Change, StructureCell } from './structure-cell';
export { type Undoable, UndoLog } from './undo-log';
export { UsageError } from './usage-error';
export type { Invariant, Violation, ViolationKind, ViolationNote } from './violation';
export { WaitQueue } from './wait-queue';
export { type CallResult, World } from './world';
