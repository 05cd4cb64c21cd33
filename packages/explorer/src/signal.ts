/**
 * Signals of a task, as far as waits care: is one pending, and is it fatal. Which signal it is, its handler and when it
 * is delivered are left out; `clear` stands for the return to user space that delivers it.
 *
 * Waits find the signal of the task that they run for: a task is interruptible when it has a `signal`. A wait that may
 * be interrupted awaits its own location and the signal's, so a search tries both orders of sender and waker. Whatever
 * is waited for wins over a signal, as in the kernel's loops, which look at it first.
 */
import { Location } from './cell';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from './operation';

/** A task that can be sent signals. */
export interface SignalledTask {
  readonly signal: Signal;
}

/** What ends a wait early. `@kernel TASK_INTERRUPTIBLE`, `@kernel TASK_KILLABLE` */
export const Interruption = { BY_ANY: 1, BY_FATAL: 2 } as const;
export type Interruption = (typeof Interruption)[keyof typeof Interruption];

/** Nothing pending; the values above it say which waits end. */
const NONE = 0;

const SEND: OperationKind = {
  name: 'send_signal',
  enabled: null,
  execute: (p) => (p.target as Signal).raise(p.number0),
};
const CLEAR: OperationKind = {
  name: 'clear_signal',
  enabled: null,
  execute: (p) => (p.target as Signal).set(NONE),
};
const IS_PENDING: OperationKind = {
  name: 'signal_pending',
  enabled: null,
  execute: (p) => (p.target as Signal).interrupts(p.number0 as Interruption),
};

export class Signal extends Location {
  #level: number = NONE;

  /** Whether a wait that `interruption` ends would end now. For primitives and for inspection: no access is recorded. */
  interrupts(interruption: Interruption): boolean {
    return this.#level >= interruption;
  }

  /** Makes a signal pending that ends interruptible waits. `@kernel send_sig` */
  send(): Step<void> {
    this.access(SEND, AccessKind.WRITE).number0 = Interruption.BY_ANY;
    return this.owner.world.submit();
  }

  /** Makes a fatal signal pending: it ends killable waits too. `@kernel send_sig(SIGKILL)` */
  kill(): Step<void> {
    this.access(SEND, AccessKind.WRITE).number0 = Interruption.BY_FATAL;
    return this.owner.world.submit();
  }

  /** Nothing is pending any more: the task took the signal on its way to user space. */
  clear(): Step<void> {
    this.access(CLEAR, AccessKind.WRITE);
    return this.owner.world.submit();
  }

  /** Whether any signal is pending. `@kernel signal_pending` */
  isPending(): Step<boolean> {
    this.access(IS_PENDING, AccessKind.READ).number0 = Interruption.BY_ANY;
    return this.owner.world.submit();
  }

  /** Whether a fatal signal is pending. `@kernel fatal_signal_pending` */
  isFatal(): Step<boolean> {
    this.access(IS_PENDING, AccessKind.READ).number0 = Interruption.BY_FATAL;
    return this.owner.world.submit();
  }

  /** Adds to an operation that it also looks at this signal (READ) or waits for it (AWAIT). For primitives. */
  join(pending: PendingOperation, access: AccessKind): void {
    pending.accesses.add(this.location, access);
    this.readLife(pending);
  }

  raise(level: number): void {
    if (level > this.#level) this.set(level);
  }

  set(level: number): void {
    this.owner.world.log(this, this.#level);
    this.#level = level;
  }

  snapshot(): unknown {
    return this.#level;
  }

  rollback(before: unknown): void {
    this.#level = before as number;
  }
}

/** The signal of a task, or null for a task that can have none (and for no task). */
export function signalOf(task: unknown): Signal | null {
  if (typeof task !== 'object' || task === null || !('signal' in task)) return null;
  return task.signal instanceof Signal ? task.signal : null;
}
