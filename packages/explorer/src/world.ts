/**
 * The world of one execution: fibers, steps, violations, the undo log and the virtual clock.
 *
 * Two modes. `ordinary`: an operation that can be performed is performed when it is built, a call runs until it
 * returns or everything waits. `search`: every operation is a scheduling point and a scheduler decides who is next.
 * Code is the same in both. Leaves out: weak memory (executions are sequentially consistent).
 */
import { Births } from './births';
import type { ExternalState, WorldCheckpoint } from './checkpoint';
import { LockOrder } from './detect/lock-order';
import type { StateDigest } from './digest';
import { type EventKind, type EventListener, labelOf } from './event';
import { Fiber } from './fiber';
import type { KernelObject, Owner } from './kernel-object';
import { NamedLocations, SharedLocations } from './locations';
import type { AccessKind, Op, OperationKind, PendingOperation, Step, Target } from './operation';
import type { Recorder } from './recorder';
import { SpareFibers } from './spare-fibers';
import { type Undoable, UndoLog } from './undo-log';
import { UsageError } from './usage-error';
import type { Invariant, Violation, ViolationKind, ViolationNote } from './violation';

/** What `call` answers. `blocked`: nothing can go on; the fiber completes when a later call lets it. */
export type CallResult<T> =
  | { readonly status: 'returned'; readonly value: T }
  | { readonly status: 'blocked'; readonly fiber: Fiber }
  | { readonly status: 'oops'; readonly fiber: Fiber };

/** Who allocated a dynamic object in a search, and as which of its allocations; else null and a count of all. */
export interface AllocationName {
  readonly fiber: string | null;
  readonly number: number;
}

export class World implements Owner {
  readonly label = '';
  mode: 'ordinary' | 'search' = 'ordinary';
  /** The fiber whose code runs now. */
  current: Fiber | null = null;
  /** Called for every event while not null. Listening costs time; nothing else depends on it. */
  listener: EventListener | null = null;
  /**
   * Called after each scheduling point of an ordinary call while not null: what else goes on in the world meanwhile. It
   * runs in the name of the fiber that made the step and must build no operation. Not called in a search.
   */
  afterStep: (() => void) | null = null;
  /** Whether the listener is also told of accesses that are no scheduling points. */
  listensToLocals = false;
  /** Appended to function names in events, e.g. `@6.12`. */
  functionSuffix = '';
  /** Performed scheduling points. */
  steps = 0;
  /** Virtual time in milliseconds. Moves only by `advanceTime`. */
  now = 0;
  readonly violations: Violation[] = [];
  /** Guarded cells that were touched without their lock, as `cell in function`. */
  readonly unguarded: Set<string> = new Set();
  readonly invariants: Invariant[] = [];
  /** What objects were made in a search, by whom. Taken back with everything else. */
  readonly births: Births = new Births();
  /** In which order locks were taken, over all executions: `restore` leaves it as it is. */
  readonly lockOrder: LockOrder = new LockOrder(this);
  /** Told what kernel code touches, while not null. */
  recorder: Recorder | null = null;
  /** What has changed since it was put here or since the last restore, while not null; see `digest`. */
  changes: StateDigest | null = null;
  readonly #external: ExternalState[] = [];
  readonly #undo = new UndoLog();
  readonly #parked: Fiber[] = [];
  readonly #live = new Map<string, number>();
  /** Whether a search has the world: from its first execution on until it is finished, whatever the mode. */
  searching = false;
  /** Whether a search repeats steps that it has run: what they access is known and is not noted again. */
  repeating = false;
  /** How many fibers the running search has: what their locations are numbered by. */
  searchedFibers = 1;
  readonly named = new NamedLocations();
  readonly shared = new SharedLocations();
  readonly #spare = new SpareFibers();
  #locations = 0;
  #fibers = 0;
  #allocations = 0;

  get world(): World {
    return this;
  }

  // ---- names and lives

  /**
   * A fresh location: the unit of conflict between accesses. What a fiber of a search makes is numbered by that fiber
   * alone, so that equivalent interleavings give a thing the same number.
   */
  newLocation(): number {
    const fiber = this.current;
    if (fiber === null || this.mode === 'ordinary') return 2 * this.#locations++;
    return 2 * (this.#locations + fiber.newLocations++ * this.searchedFibers + fiber.id);
  }

  /** The location that stands for `name`, the same for ever: for things that are no objects of the world. */
  namedLocation(name: string): number {
    return this.named.of(name);
  }

  /** State that is saved and restored with the world from now on. */
  attach(state: ExternalState): void {
    this.#external.push(state);
  }

  /** Names a dynamic object by (fiber, k-th allocation), the same in equivalent interleavings. */
  nameAllocation(): AllocationName {
    const fiber = this.current;
    // Ordinary calls come one after the other: a count of all is a name.
    if (fiber === null || this.mode === 'ordinary') return { fiber: null, number: ++this.#allocations };
    return { fiber: fiber.name, number: ++fiber.allocations };
  }

  objectCreated(site: string, object: KernelObject): void {
    this.#live.set(site, (this.#live.get(site) ?? 0) + 1);
    if (this.mode === 'search') this.births.note(object, this.currentFunctionName());
  }

  objectFreed(site: string): void {
    this.#live.set(site, (this.#live.get(site) ?? 0) - 1);
  }

  /** Living objects by kind; what a leak check compares. */
  liveObjects(): ReadonlyMap<string, number> {
    return this.#live;
  }

  currentFunctionName(): string {
    return this.current?.currentFunction ?? 'boot';
  }

  // ---- findings

  report(kind: ViolationKind, message: string, object: string | null, note: ViolationNote = {}): Violation {
    const fiber = this.current?.name ?? 'boot';
    const at = this.currentFunctionName();
    const found = { kind, message, object, at, fiber, step: this.steps, ...note };
    this.violations.push(found);
    return found;
  }

  /** Checks the whole state; what is wrong counts as done by `fiber`, who made the last step. */
  checkInvariants(fiber: Fiber | null = null): void {
    for (const invariant of this.invariants) {
      const wrong = invariant.check();
      if (wrong === null) continue;
      const [by, at] = fiber === null ? ['boot', 'boot'] : [fiber.name, fiber.currentFunction];
      const message = `${invariant.id}: ${wrong}`;
      this.violations.push({ kind: 'invariant', message, object: null, at, fiber: by, step: this.steps });
    }
  }

  // ---- building and performing operations (for primitives)

  /** Starts the record of an operation of the running fiber. @throws UsageError if one is pending already. */
  begin(kind: OperationKind, target: Target): PendingOperation {
    const fiber = this.current;
    if (fiber === null)
      throw new UsageError(`${kind.name} ${target.label}: outside of any fiber; use call()`);
    const pending = fiber.pending;
    if (fiber.step.phase !== 'idle') {
      const earlier = `${pending.kind?.name} ${pending.target?.label}`;
      throw new UsageError(`${kind.name} ${target.label}: ${earlier} is still pending: a yield* is missing`);
    }
    pending.kind = kind;
    pending.target = target;
    pending.local = false;
    pending.endedByUser = false;
    pending.owner = null;
    pending.accesses.clear();
    return pending;
  }

  /** Ends the record; performs it at once where this mode allows. */
  submit(): Step<never> {
    const fiber = this.current as Fiber;
    const pending = fiber.pending;
    fiber.step.phase = 'built';
    if (this.mode === 'search') this.redeclare(fiber);
    if (pending.local || (this.mode === 'ordinary' && this.#enabled(pending))) this.#perform(fiber);
    return fiber.step as Step<never>;
  }

  /**
   * In a search, makes an access that is no scheduling point one of the running step's, which is atomic as a whole.
   * For what kernel code reads or changes without an operation of its own.
   */
  accessInStep(location: number, kind: AccessKind, before?: unknown): void {
    if (this.mode !== 'search' || this.repeating || this.current === null) return;
    this.current.performed.addOnce(location, kind, before);
  }

  log(target: Undoable, before: unknown): void {
    this.recorder?.touch(target, true, before);
    this.changes?.changing(target);
    this.#undo.record(target, before);
  }

  #enabled(pending: PendingOperation): boolean {
    const enabled = pending.kind?.enabled ?? null;
    return enabled === null || enabled(pending);
  }

  #perform(fiber: Fiber): void {
    const pending = fiber.pending;
    const kind = pending.kind as OperationKind;
    if (!pending.local) this.steps++;
    const owner: KernelObject | null = pending.owner;
    if (owner?.freed) owner.checkAlive(`${kind.name} ${pending.target?.label ?? ''}`);
    const value = kind.execute(pending);
    this.recorder?.performed(pending, value);
    fiber.step.settle(value);
    if (this.listener !== null && (!pending.local || this.listensToLocals)) {
      this.emit(
        pending.local ? 'access' : 'operation',
        kind.name,
        pending.target,
        labelOf(value),
        kind.describe?.(pending),
      );
    }
    if (this.afterStep !== null && !pending.local && this.mode === 'ordinary') this.afterStep();
  }

  /** Tells the listener. `target`: what an operation works on, or a call's arguments in words; `detail`: what of it. */
  emit(kind: EventKind, name: string, target: Target | string | null, result: string, detail = ''): void {
    const fiber = this.current;
    if (this.listener === null || fiber === null) return;
    const label = typeof target === 'string' ? target : (target?.label ?? '');
    this.listener({
      kind,
      step: this.steps,
      fiber: fiber.name,
      depth: fiber.functions.length,
      name,
      within: fiber.currentFunction,
      target: label,
      detail,
      targetClass: typeof target === 'string' ? '' : (target?.targetClass ?? label),
      result,
      held: fiber.held.map((lock) => lock.lockClass),
    });
  }

  // ---- ordinary execution

  /** Runs kernel code on behalf of `task` until it returns or everything waits. @throws UsageError inside a fiber. */
  call<T>(name: string, body: () => Op<T>, task: unknown = null): CallResult<T> {
    const fiber = this.spawn(name, body, task);
    if (fiber.state === 'returned') {
      const value = fiber.result as T;
      this.#spare.give(fiber);
      return { status: 'returned', value };
    }
    return { status: fiber.state === 'oops' ? 'oops' : 'blocked', fiber };
  }

  /** Leaves a task running: it goes on whenever it can. Read its `state` and `result` later. */
  spawn(name: string, body: () => Op<unknown>, task: unknown = null): Fiber {
    const fiber = this.#newFiber(name, task);
    fiber.start(body);
    this.#drive(fiber);
    if (this.#parked.length > 0) this.runParked();
    if (this.invariants.length > 0) this.checkInvariants(fiber);
    return fiber;
  }

  /** Lets every parked fiber go on that can, in the order of parking, until all wait. */
  runParked(): void {
    let index = 0;
    while (index < this.#parked.length) {
      const fiber = this.#parked[index] as Fiber;
      if (this.#enabled(fiber.pending)) {
        this.#parked.splice(index, 1);
        this.performPending(fiber);
        this.#drive(fiber);
        index = 0;
      } else {
        index++;
      }
    }
  }

  /** Moves virtual time forward and lets sleepers go on. */
  advanceTime(milliseconds: number): void {
    this.now += milliseconds;
    this.runParked();
  }

  get parked(): readonly Fiber[] {
    return this.#parked;
  }

  #newFiber(name: string, task: unknown): Fiber {
    if (this.current !== null) throw new UsageError(`call of ${name} from inside ${this.current.name}`);
    const spare = this.#spare.take(task);
    if (spare === null) return new Fiber(this, this.#fibers++, name, task);
    spare.reuse(this.#fibers++, name, task);
    return spare;
  }

  #drive(fiber: Fiber): void {
    this.resume(fiber);
    if (fiber.state === 'waiting') this.#parked.push(fiber);
  }

  // ---- search (for schedulers)

  isEnabled(fiber: Fiber): boolean {
    return fiber.state === 'waiting' && this.#enabled(fiber.pending);
  }

  /** Brings the accesses of the operation that `fiber` waits on up to date with the state. */
  redeclare(fiber: Fiber): void {
    fiber.pending.redeclare();
  }

  /** Performs the operation that `fiber` waits on. Precondition: it is enabled. */
  performPending(fiber: Fiber): void {
    if (this.mode === 'search' && !this.repeating) fiber.beginStep();
    this.current = fiber;
    try {
      this.#perform(fiber);
    } finally {
      this.current = null;
    }
  }

  /** Runs `fiber`'s code up to its next scheduling point. */
  resume(fiber: Fiber): void {
    this.current = fiber;
    try {
      fiber.advance();
    } finally {
      this.current = null;
    }
  }

  // ---- checkpoints

  /** @throws UsageError while a fiber lives: generator frames cannot be restored. */
  checkpoint(): WorldCheckpoint {
    if (this.#parked.length > 0) {
      const names = this.#parked.map((fiber) => fiber.name).join(', ');
      throw new UsageError(`checkpoint while ${names} is live`);
    }
    return {
      mark: this.#undo.mark(),
      steps: this.steps,
      locations: this.#locations,
      fibers: this.#fibers,
      allocations: this.#allocations,
      now: this.now,
      holding: this.#spare.checkpoint(),
      violations: this.violations.length,
      live: new Map(this.#live),
      births: this.births.length,
      external: this.#external.map((state) => state.checkpoint()),
    };
  }

  /** Takes back everything since the checkpoint; fibers that live are dropped. */
  restore(checkpoint: WorldCheckpoint): void {
    this.#parked.length = 0;
    this.#spare.restore(checkpoint.holding);
    this.#undo.rollback(checkpoint.mark);
    this.steps = checkpoint.steps;
    this.#locations = checkpoint.locations;
    this.#fibers = checkpoint.fibers;
    this.#allocations = checkpoint.allocations;
    this.now = checkpoint.now;
    this.violations.length = checkpoint.violations;
    this.#live.clear();
    this.births.truncate(checkpoint.births);
    for (const [site, count] of checkpoint.live) this.#live.set(site, count);
    for (const [index, state] of this.#external.entries()) state.restore(checkpoint.external[index]);
    this.changes?.reset();
  }

  /** A number for the state, equal for equal changes since `changes` was put there or since the last restore. */
  digest(): number {
    const others = [this.now, ...this.#external.map((state) => state.digest())];
    return (this.changes as StateDigest).value(others);
  }
}
