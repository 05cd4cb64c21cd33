/**
 * Cells: mutable kernel state that the explorer knows.
 *
 * A cell may name the lock that guards it. With that lock held an access is no scheduling point; without it the
 * access is one, and is noted as unguarded. Every access to a cell of an object also reads the object's life.
 */
import type { Fiber } from './fiber';
import { KernelObject, type Owner } from './kernel-object';
import { AccessKind, type OperationKind, type PendingOperation, type Step, type Target } from './operation';

/** A lock that can guard a cell. */
export interface Guard {
  readonly label: string;
  /** Whether holding it as `fiber` does allows a read, or (`writing`) a write. */
  permits(fiber: Fiber, writing: boolean): boolean;
}

/** Base of everything that is accessed like a variable. */
export abstract class Location implements Target {
  readonly location: number;
  readonly #object: KernelObject | null;

  constructor(
    readonly owner: Owner,
    readonly name: string,
    readonly guard: Guard | null,
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

  /** Builds an access; `racy` marks a deliberate access without the lock (READ_ONCE). */
  protected access(kind: OperationKind, access: AccessKind, racy = false): PendingOperation {
    const world = this.owner.world;
    const pending = world.begin(kind, this);
    pending.owner = this.#object;
    if (this.guard !== null) {
      if (this.guard.permits(pending.fiber, access !== AccessKind.READ)) {
        pending.local = true;
        this.accessInStep(access);
        return pending;
      }
      if (!racy) world.unguarded.add(`${this.label} in ${world.currentFunctionName()}`);
    }
    pending.accesses.add(this.location, access);
    if (this.#object !== null) pending.accesses.add(this.#object.lifeLocation, AccessKind.READ);
    return pending;
  }

  /**
   * Makes an access one of the running step's. An access with the lock held is: its order among those with the lock is
   * the lock's, but one without the lock, and freeing the object, conflict with it.
   */
  protected accessInStep(access: AccessKind): void {
    const world = this.owner.world;
    if (world.mode !== 'search') return;
    world.accessInStep(this.location, access);
    if (this.#object !== null) world.accessInStep(this.#object.lifeLocation, AccessKind.READ);
  }

  /** Records use-after-free for an access that is no operation. */
  protected checkOwner(access: string): void {
    if (this.#object?.freed) this.#object.checkAlive(`${access} ${this.label}`);
  }
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

  canonical(): unknown {
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
    this.access(LOAD, AccessKind.READ, true);
    return this.owner.world.submit();
  }

  store(value: T): Step<void> {
    this.access(STORE, AccessKind.WRITE).argument = value;
    return this.owner.world.submit();
  }

  /** Waits until `condition` holds for the value. `@kernel wait_event` */
  waitUntil(condition: (value: T) => boolean): Step<T> {
    this.access(AWAIT, AccessKind.AWAIT, true).argument = condition;
    return this.owner.world.submit();
  }

  rollback(before: unknown): void {
    this.#value = before as T;
  }
}
