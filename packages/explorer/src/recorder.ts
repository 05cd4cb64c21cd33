/** What a step really touches, for tests that hold it against what the step declared. */
import type { PendingOperation } from './operation';
import type { Undoable } from './undo-log';

export interface Recorder {
  /** A cell, lock, reference, life or other piece of state is read, or (`writing`) about to change from `before`. */
  touch(target: Undoable, writing: boolean, before: unknown): void;
  /** An operation was performed and answered `value`. */
  performed(pending: PendingOperation, value: unknown): void;
}
