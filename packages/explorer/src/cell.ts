/**
 * Cells: mutable kernel state that the explorer knows.
 *
 * A cell may name the lock that guards it. With that lock held an access is no scheduling point; without it the
 * access is one, and is noted as unguarded. Every access to a cell of an object also reads the object's life.
 */
import { reportSleepInAtomic } from './detect/sleep-in-atomic';
import type { Fiber } from './fiber';
import { KernelObject, type Owner } from './kernel-object';
import {
  AccessKind,
  ENDED_BY_KERNEL,
  type OperationKind,
  type PendingOperation,
  type Step,
  type Target,
  type WaitOptions,
} from './operation';

/** A lock that can guard a cell. */
export interface Guard {
  readonly label: string;
  /** Whether holding it as `fiber` does allows a read, or (`writing`) a write. */
  permits(fiber: Fiber, writing: boolean): boolean;
}

/**
 * Base of everything that is accessed like a variable.
 *
 * In a search, accesses to a guarded location with the lock held are ordered by the lock and need not be looked at one
 * by one. Once some fiber accesses the location without the lock, all its accesses count: see `SharedLocations`.
 */
export abstract class Location implements Target {
  readonly location: number;
  readonly #object: KernelObject | null;

  constructor(
    readonly owner: Owner,
    readonly name: string,
    readonly guard: Guard | null = null,
  ) {
    this.#object = owner instanceof KernelObject ? owner : null;
    this.location = owner.world.newLocation();
  }

  // Names are put together when somebody asks: objects come and go by the million, and few are ever shown.
  get label(): string {
    const { label } = this.owner;
    return label === '' ? this.name : `${label}.${this.name}`;
  }

  get targetClass(): string {
    return this.#object === null ? this.name : `${this.#object.site}.${this.name}`;
  }

  /** The value now, for a search that asks what a wait would have seen. */
  abstract snapshot(): unknown;

  /** The same for a digest of the state, where that must say more. */
  canonical(): unknown {
    return this.snapshot();
  }

  /** Whether it is a plain C variable: accesses that no lock orders are a data race, unless marked (READ_ONCE). */
  get plain(): boolean {
    return false;
  }

  /** Builds an access; `racy` marks a deliberate access without the lock (READ_ONCE). */
  protected access(kind: OperationKind, access: AccessKind, racy = false): PendingOperation {
    const world = this.owner.world;
    const pending = world.begin(kind, this);
    pending.owner = this.#object;
    if (this.guard !== null) {
      if (this.guard.permits(pending.fiber, changes(access))) {
        pending.local = true;
        this.accessInStep(access);
        return pending;
      }
      if (world.mode === 'search') world.shared.add(this);
      if (!racy) world.unguarded.add(`${this.label} in ${world.currentFunctionName()}`);
    }
    if (this.plain && world.mode === 'search') world.shared.add(this);
    pending.accesses.add(this.location, access);
    this.readLife(pending);
    return pending;
  }

  /** Adds the read of the object's life that every access to one of its members makes. */
  protected readLife(pending: PendingOperation): void {
    if (this.#object !== null) pending.accesses.add(this.#object.lifeLocation, AccessKind.READ);
  }

  /** Builds an access that may give up the processor until something happens to the location. */
  protected sleepOn(
    kind: OperationKind,
    options: WaitOptions,
    access: AccessKind = AccessKind.AWAIT,
  ): PendingOperation {
    const pending = this.access(kind, access, true);
    pending.endedByUser = options.endedByUser;
    if (pending.local) {
      // Holding the guard lets nobody skip a wait: whoever could end it may need that very lock.
      pending.local = false;
      pending.accesses.add(this.location, access);
      this.readLife(pending);
    }
    if (pending.fiber.spinlocks > 0) reportSleepInAtomic(pending);
    return pending;
  }

  /**
   * Makes an access one of the running step's. An access with the lock held is: its order among those with the lock is
   * the lock's, but one without the lock, and freeing the object, conflict with it.
   */
  protected accessInStep(access: AccessKind): void {
    const { world } = this.owner;
    const fiber = world.current;
    if (world.mode !== 'search' || world.repeating || fiber === null) return;
    if (this.#object !== null) world.accessInStep(this.#object.lifeLocation, AccessKind.READ);
    if (this.guard !== null) {
      if (!this.guard.permits(fiber, changes(access))) world.shared.add(this);
      if (!world.shared.has(this.location)) return;
    }
    world.accessInStep(this.location, access, this.snapshot());
  }

  /** Records use-after-free for an access that is no operation. */
  protected checkOwner(access: string): void {
    if (this.#object?.freed) this.#object.checkAlive(`${access} ${this.label}`);
  }
}

function changes(access: AccessKind): boolean {
  return access !== AccessKind.READ && access !== AccessKind.READ_ONCE;
}

const LOAD: OperationKind = {
  name: 'load',
  enabled: null,
  execute: (p) => (p.target as Cell<unknown>).value,
};
const STORE: OperationKind = {
  name: 'store',
  enabled: null,
  execute: (p) => (p.target as Cell<unknown>).set(p.argument),
};
const AWAIT: OperationKind = {
  name: 'wait_event',
  enabled: (p) => (p.argument as (value: unknown) => boolean)((p.target as Cell<unknown>).value),
  enabledWhen: (p, value) => (p.argument as (value: unknown) => boolean)(value),
  execute: (p) => (p.target as Cell<unknown>).value,
};

/** One variable. */
export class Cell<T> extends Location {
  #value: T;

  constructor(owner: Owner, name: string, initial: T, guard: Guard | null = null) {
    super(owner, name, guard);
    this.#value = initial;
  }

  /** The value, for inspection from outside of the execution (tests, invariants, reports). No access is recorded. */
  get value(): T {
    this.owner.world.recorder?.touch(this, false, undefined);
    return this.#value;
  }

  /** Changes the value under the undo log, without an access: for primitives and for boot. */
  set(value: T): void {
    this.owner.world.log(this, this.#value);
    this.#value = value;
  }

  /** The value, read as part of the running step: an access, but no scheduling point. */
  readInStep(): T {
    this.accessInStep(AccessKind.READ);
    this.checkOwner('load');
    return this.value;
  }

  /** Changes the value as part of the running step: an access, but no scheduling point. */
  writeInStep(value: T): void {
    this.accessInStep(AccessKind.WRITE);
    this.checkOwner('store');
    this.set(value);
  }

  load(): Step<T> {
    this.access(LOAD, AccessKind.READ);
    return this.owner.world.submit();
  }

  /** A deliberate read without the lock. `@kernel READ_ONCE` */
  loadRacy(): Step<T> {
    this.access(LOAD, AccessKind.READ_ONCE, true);
    return this.owner.world.submit();
  }

  store(value: T): Step<void> {
    this.access(STORE, AccessKind.WRITE).argument = value;
    return this.owner.world.submit();
  }

  /**
   * Waits until `condition` holds for the value, one step in all. Whoever changes the value is taken to wake the
   * waiter; where the wake-up itself is in question, use a WaitQueue. `@kernel wait_event`
   */
  waitUntil(condition: (value: T) => boolean, options: WaitOptions = ENDED_BY_KERNEL): Step<T> {
    this.sleepOn(AWAIT, options).argument = condition;
    return this.owner.world.submit();
  }

  snapshot(): unknown {
    return this.#value;
  }

  rollback(before: unknown): void {
    this.#value = before as T;
  }
}
