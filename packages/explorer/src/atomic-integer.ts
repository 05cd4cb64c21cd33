/**
 * Atomic 32-bit integers, sequentially consistent; they wrap around as the kernel's do.
 * Leaves out: 64 bits, and the forms that order less. `@kernel atomic_t`
 */
import { Location } from './cell';
import type { Owner } from './kernel-object';
import { AccessKind, type OperationKind, type Step } from './operation';

const LOAD: OperationKind = {
  name: 'atomic_read',
  enabled: null,
  execute: (p) => (p.target as AtomicInteger).value,
};
const STORE: OperationKind = {
  name: 'atomic_set',
  enabled: null,
  execute: (p) => (p.target as AtomicInteger).set(p.number0),
};
const ADD: OperationKind = {
  name: 'atomic_add',
  enabled: null,
  execute: (p) => (p.target as AtomicInteger).increase(p.number0),
};
const FETCH_ADD: OperationKind = {
  name: 'atomic_fetch_add',
  enabled: null,
  execute: (p) => (p.target as AtomicInteger).fetchAndIncrease(p.number0),
};
const COMPARE_EXCHANGE: OperationKind = {
  name: 'atomic_cmpxchg',
  enabled: null,
  execute: (p) => (p.target as AtomicInteger).setIfEqual(p.number0, p.number1),
};
const UPDATE: OperationKind = {
  name: 'atomic_update',
  enabled: null,
  execute: (p) => (p.target as AtomicInteger).change(p.argument as (value: number) => number),
};

export class AtomicInteger extends Location {
  #value: number;

  constructor(owner: Owner, name: string, initial = 0) {
    super(owner, name, null);
    this.#value = initial | 0;
  }

  /** The value, for inspection from outside of the execution. No access is recorded. */
  get value(): number {
    return this.#value;
  }

  /** `@kernel atomic_read` */
  load(): Step<number> {
    this.access(LOAD, AccessKind.READ);
    return this.owner.world.submit();
  }

  /** `@kernel atomic_set` */
  store(value: number): Step<void> {
    this.access(STORE, AccessKind.WRITE).number0 = value;
    return this.owner.world.submit();
  }

  /** Adds and tells nothing, so the order of two of them cannot be observed. `@kernel atomic_add` */
  add(amount: number): Step<void> {
    this.access(ADD, AccessKind.INCREMENT).number0 = amount;
    return this.owner.world.submit();
  }

  /** Adds; the answer is the value before. `@kernel atomic_fetch_add` */
  fetchAdd(amount: number): Step<number> {
    this.access(FETCH_ADD, AccessKind.WRITE).number0 = amount;
    return this.owner.world.submit();
  }

  /**
   * Stores `desired` if the value is `expected`; the answer is the value before. It counts as a write even where it
   * stores nothing: what another fiber does may decide which of the two it is. `@kernel atomic_cmpxchg`
   */
  compareExchange(expected: number, desired: number): Step<number> {
    const pending = this.access(COMPARE_EXCHANGE, AccessKind.WRITE);
    pending.number0 = expected;
    pending.number1 = desired;
    return this.owner.world.submit();
  }

  /** Replaces the value by what `next` makes of it, in one step; the answer is the new value. */
  update(next: (value: number) => number): Step<number> {
    this.access(UPDATE, AccessKind.WRITE).argument = next;
    return this.owner.world.submit();
  }

  /** Changes the value under the undo log, without an access: for primitives and for boot. */
  set(value: number): void {
    this.owner.world.log(this, this.#value);
    this.#value = value | 0;
  }

  increase(amount: number): void {
    this.set(this.#value + amount);
  }

  fetchAndIncrease(amount: number): number {
    const before = this.#value;
    this.set(before + amount);
    return before;
  }

  setIfEqual(expected: number, desired: number): number {
    const before = this.#value;
    if (before === expected) this.set(desired);
    return before;
  }

  change(next: (value: number) => number): number {
    this.set(next(this.#value));
    return this.#value;
  }

  snapshot(): unknown {
    return this.#value;
  }

  rollback(before: unknown): void {
    this.#value = before as number;
  }
}
