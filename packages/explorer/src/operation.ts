/**
 * Operations: what modelled kernel code yields on.
 *
 * Kernel code is a generator (`Op<T>`) and every primitive (a lock, a cell, a reference, a hardware call) is used
 * with `yield*`. A primitive fills the running fiber's one pending record and returns the fiber's one reused
 * iterator (`Step<T>`), so a step allocates nothing.
 */
import type { Fiber } from './fiber';
import type { KernelObject } from './kernel-object';

/** A piece of kernel code: a generator that is driven by a fiber and returns `T`. */
export type Op<T> = Generator<undefined, T, undefined>;

/** One primitive operation. Its only use is `yield*`; a forgotten `yield*` makes the engine throw. */
export interface Step<T> {
  [Symbol.iterator](): Iterator<undefined, T, undefined>;
}

/** How an operation touches a location. Two accesses to one location conflict unless `COMMUTES` says otherwise. */
export const AccessKind = {
  READ: 0,
  WRITE: 1,
  /** An increment whose order among increments cannot be observed (a reference taken). */
  INCREMENT: 2,
  LOCK: 3,
  UNLOCK: 4,
  READ_LOCK: 5,
  READ_UNLOCK: 6,
  TRY_LOCK: 7,
  /** Waits until a condition on the location holds. */
  AWAIT: 8,
  /** Waits until a condition on the location holds and takes some of it away: waiters compete. */
  CONSUME: 9,
  /** A read that is meant to be concurrent with writes (READ_ONCE): depends as READ does, and is no data race. */
  READ_ONCE: 10,
} as const;
export type AccessKind = (typeof AccessKind)[keyof typeof AccessKind];

/** Growing list of (location, kind) pairs in one flat array, and of the values that writes found. */
export class AccessList {
  #pairs = new Int32Array(16);
  readonly #befores: unknown[] = [];
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** @param before what the location held, where somebody may wait for a value of it */
  add(location: number, kind: AccessKind, before?: unknown): void {
    const at = this.length * 2;
    if (at === this.#pairs.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.#pairs);
      this.#pairs = grown;
    }
    this.#pairs[at] = location;
    this.#pairs[at + 1] = kind;
    this.#befores[this.length] = before;
    this.length++;
  }

  /** Adds an access that may be there already: a step reads a life once, however often it uses the object. */
  addOnce(location: number, kind: AccessKind, before?: unknown): void {
    for (let index = 0; index < this.length; index++) {
      if (this.#pairs[index * 2] === location && this.#pairs[index * 2 + 1] === kind) return;
    }
    this.add(location, kind, before);
  }

  /** Makes this list equal to another. */
  copy(other: AccessList): void {
    this.length = 0;
    for (let index = 0; index < other.length; index++) {
      this.add(other.location(index), other.kind(index), other.before(index));
    }
  }

  location(index: number): number {
    return this.#pairs[index * 2] as number;
  }

  kind(index: number): AccessKind {
    return this.#pairs[index * 2 + 1] as AccessKind;
  }

  before(index: number): unknown {
    return this.#befores[index];
  }

  /** Notes what the location of an access holds just before it. */
  setBefore(index: number, before: unknown): void {
    this.#befores[index] = before;
  }
}

/** Performs an operation on behalf of its fiber and returns what `yield*` gives back. */
export type Execute = (pending: PendingOperation) => unknown;
/** Whether the operation can be performed now; `null` means always. */
export type Enabled = ((pending: PendingOperation) => boolean) | null;

/** A named kind of operation. One constant per primitive; it holds no state. */
export interface OperationKind {
  /** The kernel's word for it, e.g. `mutex_lock`. */
  readonly name: string;
  readonly execute: Execute;
  readonly enabled: Enabled;
  /**
   * For waits: whether it could be performed if its location held `value`. A search asks this of earlier values, to
   * see before which writes the wait could have ended. A wait without it is searched correctly, with more executions.
   */
  readonly enabledWhen?: (pending: PendingOperation, value: unknown) => boolean;
  /**
   * For an operation whose accesses depend on the state: fills `pending.accesses`, which is empty, with those that it
   * would make now. Called in a search only: when the operation is built, and again whenever the state may have changed,
   * the last time just before it is performed. It must change nothing.
   */
  readonly declare?: (pending: PendingOperation) => void;
  /** What it does beyond its target, for events: an address, an id. */
  readonly describe?: (pending: PendingOperation) => string;
}

/** What an operation works on: anything with a name that a reader of a trace understands. */
export interface Target {
  readonly label: string;
  /** What all things of its kind are called together, e.g. `iommu_group.mutex`; absent: the label. */
  readonly targetClass?: string;
  /** What it holds now, where a wait may depend on it. */
  snapshot?(): unknown;
}

/** What is known of a wait beyond its condition. */
export interface WaitOptions {
  /** Only user space can end it: once the user's threads are done, waiting for ever is `blocked`, not a deadlock. */
  readonly endedByUser: boolean;
}

/** A wait that the kernel's own threads end. */
export const ENDED_BY_KERNEL: WaitOptions = { endedByUser: false };

/** The one record of a fiber that describes the operation it is about to perform. Reused for every operation. */
export class PendingOperation {
  kind: OperationKind | null = null;
  target: Target | null = null;
  /** Set when the operation is no scheduling point: a guarded access with its lock held. */
  local = false;
  /** Set for a wait that only user space can end; see `WaitOptions`. */
  endedByUser = false;
  /** Free for the primitive's use. */
  argument: unknown = undefined;
  number0 = 0;
  number1 = 0;
  number2 = 0;
  number3 = 0;
  /** The object whose member is touched; its life is checked when the operation is performed. */
  owner: KernelObject | null = null;
  readonly accesses = new AccessList();

  constructor(readonly fiber: Fiber) {}

  /** Brings the accesses up to date with the state, where they depend on it. What that looks at is no access itself. */
  redeclare(): void {
    const declare = this.kind?.declare;
    if (declare === undefined) return;
    const { world } = this.fiber;
    const { recorder } = world;
    world.recorder = null;
    this.accesses.clear();
    declare(this);
    world.recorder = recorder;
  }
}
