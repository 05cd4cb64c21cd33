/**
 * A fiber is one thread of modelled kernel code: a generator, its pending operation and the locks it holds.
 * It leaves out priorities, interrupts and preemption inside a step: a step is atomic by definition.
 */
import { AccessList, type Op, PendingOperation, type Step } from './operation';
import { UsageError } from './usage-error';
import type { World } from './world';

/** What a lock must tell its holder and the detectors. */
export interface Lockable {
  readonly label: string;
  /** Locks of one class take one place in the lock order. */
  readonly lockClass: string;
  /** Tells locks apart where labels need not be put together. */
  readonly location: number;
  /** Whether the kernel's own lock validator looks at it. */
  readonly validated: boolean;
}

const NOT_DONE: IteratorResult<undefined, never> = { done: false, value: undefined };

type Phase = 'idle' | 'built' | 'waiting' | 'performed';

/** The iterator that every primitive of a fiber returns. `next()` yields once where the fiber has to wait. */
export class StepIterator implements Step<unknown>, Iterator<undefined, unknown, undefined> {
  phase: Phase = 'idle';
  readonly #done: { done: true; value: unknown } = { done: true, value: undefined };

  constructor(private readonly fiber: Fiber) {}

  [Symbol.iterator](): this {
    return this;
  }

  /** Records the result; `yield*` picks it up with its next call of `next()`. */
  settle(value: unknown): void {
    this.#done.value = value;
    this.phase = 'performed';
  }

  next(): IteratorResult<undefined, unknown> {
    switch (this.phase) {
      case 'performed':
        this.phase = 'idle';
        return this.#done;
      case 'built':
        this.phase = 'waiting';
        return NOT_DONE;
      default:
        throw new UsageError(`fiber ${this.fiber.name} was resumed before its operation was performed`);
    }
  }
}

/** How a fiber ended or where it stands. */
export type FiberState = 'running' | 'waiting' | 'returned' | 'oops';

/** An exception inside kernel code, as the kernel's log would show it. */
export interface Oops {
  /** `BUG` for an assertion of the kernel's own, `crash` for anything else. */
  readonly kind: 'BUG' | 'crash';
  /** The innermost modelled kernel function. */
  readonly at: string;
  readonly message: string;
}

export class Fiber {
  state: FiberState = 'running';
  result: unknown = undefined;
  oops: Oops | null = null;
  readonly pending: PendingOperation = new PendingOperation(this);
  readonly step: StepIterator = new StepIterator(this);
  /** Locks held, in the order taken. */
  readonly held: Lockable[] = [];
  /** How many spinlocks it holds; while there are any it must not sleep. `@kernel preempt_count` */
  spinlocks = 0;
  /** Names of the modelled kernel functions the fiber is in, outermost first. */
  readonly functions: string[] = [];
  /**
   * Accesses of the step that the fiber made last, from one scheduling point to the next: those of its operation, and
   * those that followed without being scheduling points because a lock was held.
   */
  readonly performed: AccessList = new AccessList();
  /** Counts dynamic allocations: an object is named (fiber, k-th allocation, site). */
  allocations = 0;
  /** Counts the locations of what it allocated in a search. */
  newLocations = 0;
  #code: Op<unknown> | null = null;

  constructor(
    readonly world: World,
    public id: number,
    public name: string,
    /** The task on whose behalf the kernel runs; the explorer never looks into it. */
    public task: unknown,
  ) {}

  /** Makes a finished fiber a new one. Precondition: it has returned, and nobody knows it. Locks that it holds are the task's. */
  reuse(id: number, name: string, task: unknown): void {
    this.id = id;
    this.name = name;
    this.task = task;
    this.result = undefined;
    this.allocations = 0;
    this.newLocations = 0;
  }

  /** Starts `body` from the beginning, whatever the fiber was doing: the state that it changed was taken back. */
  restart(body: () => Op<unknown>): void {
    this.result = undefined;
    this.oops = null;
    this.allocations = 0;
    this.newLocations = 0;
    this.held.length = 0;
    this.spinlocks = 0;
    this.functions.length = 0;
    this.step.phase = 'idle';
    this.performed.clear();
    this.start(body);
  }

  get finished(): boolean {
    return this.state === 'returned' || this.state === 'oops';
  }

  /** The innermost modelled kernel function, or the fiber's name outside of all. */
  get currentFunction(): string {
    return this.functions.at(-1) ?? this.name;
  }

  /** Makes the accesses of the pending operation, as they are in this state, the first of a new step. */
  beginStep(): void {
    const { pending, performed } = this;
    pending.redeclare();
    performed.copy(pending.accesses);
    // A location's own access is the first of its operation.
    const before = pending.target?.snapshot?.();
    if (before !== undefined) performed.setBefore(0, before);
  }

  start(body: () => Op<unknown>): void {
    this.#code = body();
    this.state = 'running';
  }

  /** Runs the code up to its next wait or its end. The world has set `current` to this fiber. */
  advance(): void {
    const code = this.#code;
    if (code === null) throw new UsageError(`fiber ${this.name} was never started`);
    this.state = 'running';
    let outcome: IteratorResult<undefined, unknown>;
    try {
      outcome = code.next();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!outcome.done) {
      this.state = 'waiting';
      return;
    }
    if (this.step.phase !== 'idle') {
      const operation = this.pending.kind?.name ?? 'an operation';
      throw new UsageError(`fiber ${this.name} ended with ${operation} pending: a yield* is missing`);
    }
    this.state = 'returned';
    this.result = outcome.value;
  }

  #fail(error: unknown): void {
    if (error instanceof UsageError) throw error;
    const kind = error instanceof KernelBug ? 'BUG' : 'crash';
    const message = error instanceof Error ? error.message : String(error);
    this.oops = { kind, at: this.currentFunction, message };
    this.state = 'oops';
    this.step.phase = 'idle';
    this.world.report('oops', `${kind} in ${this.currentFunction}: ${message}`, null);
  }
}

/** Thrown by modelled kernel code where the kernel has a BUG_ON: recorded as an oops, ends the fiber. */
export class KernelBug extends Error {}
