/** @iommu-lab/explorer: modelled concurrent kernel code, run one way or every way. Knows no IOMMU. */
export { AppendOnlyLog } from './append-only';
export { Cell, type Guard, Location } from './cell';
export { Completion } from './completion';
export { canonicalHash, StateDigest } from './digest';
export { BlockedError, type Direct, type DirectFunction, direct } from './direct';
export { type EventKind, type EventListener, labelOf, type TraceEvent } from './event';
export { Fiber, type FiberState, KernelBug, type Lockable, type Oops } from './fiber';
export { kernelFunction } from './kernel-function';
export { KernelObject, type Owner } from './kernel-object';
export { ListCell } from './list-cell';
export { Mutex } from './mutex';
export {
  AccessKind,
  AccessList,
  type Enabled,
  type Execute,
  type Op,
  type OperationKind,
  PendingOperation,
  type Step,
  type Target,
} from './operation';
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
export { Execution } from './search/execution';
export { type Change, StructureCell } from './structure-cell';
export { type Undoable, UndoLog } from './undo-log';
export { UsageError } from './usage-error';
export type { Violation, ViolationKind } from './violation';
export { type CallResult, type ExternalState, type Invariant, World, type WorldCheckpoint } from './world';
