/**
 * Reference counts. Misuse is recorded and the count stays where it is, as the kernel's saturates: an object that was
 * resurrected is not freed a second time. `@kernel refcount_t`
 */
import { Location } from './cell';
import type { Owner } from './kernel-object';
import { AccessKind, type OperationKind, type Step } from './operation';

const GET: OperationKind = { name: 'get', enabled: null, execute: (p) => (p.target as Refcount).increment() };
const GET_UNLESS_ZERO: OperationKind = {
  name: 'try_get',
  enabled: null,
  execute: (p) => (p.target as Refcount).incrementUnlessZero(),
};
const PUT: OperationKind = { name: 'put', enabled: null, execute: (p) => (p.target as Refcount).decrement() };
const PUT_UNLESS_LAST: OperationKind = {
  name: 'put_unless_last',
  enabled: null,
  execute: (p) => (p.target as Refcount).decrementUnlessLast(),
};
const READ: OperationKind = {
  name: 'refcount_read',
  enabled: null,
  execute: (p) => (p.target as Refcount).value,
};

export class Refcount extends Location {
  #count: number;

  constructor(owner: Owner, name: string, initial: number) {
    super(owner, name, null);
    this.#count = initial;
  }

  /** The count, for inspection from outside of the execution. */
  get value(): number {
    this.owner.world.recorder?.touch(this, false, undefined);
    return this.#count;
  }

  /** Taking a reference from zero is recorded as a `refcount` violation. `@kernel refcount_inc` */
  get(): Step<void> {
    this.access(GET, AccessKind.INCREMENT);
    return this.owner.world.submit();
  }

  /** Takes a reference if there is one left; the answer says whether. */
  getUnlessZero(): Step<boolean> {
    this.access(GET_UNLESS_ZERO, AccessKind.WRITE);
    return this.owner.world.submit();
  }

  /** Drops a reference; true when it was the last. Below zero is recorded as a `refcount` violation. */
  put(): Step<boolean> {
    this.access(PUT, AccessKind.WRITE);
    return this.owner.world.submit();
  }

  /** Drops a reference unless it is the last; the answer says whether. */
  putUnlessLast(): Step<boolean> {
    this.access(PUT_UNLESS_LAST, AccessKind.WRITE);
    return this.owner.world.submit();
  }

  /** The count now. `@kernel refcount_read` */
  read(): Step<number> {
    this.access(READ, AccessKind.READ);
    return this.owner.world.submit();
  }

  increment(): void {
    if (this.#count === 0) {
      this.#misused('reference taken from zero');
      return;
    }
    this.#set(this.#count + 1);
  }

  incrementUnlessZero(): boolean {
    if (this.#count === 0) return false;
    this.#set(this.#count + 1);
    return true;
  }

  decrement(): boolean {
    if (this.#count === 0) {
      this.#misused('reference dropped below zero');
      return false;
    }
    this.#set(this.#count - 1);
    return this.#count === 0;
  }

  decrementUnlessLast(): boolean {
    if (this.#count === 1) return false;
    this.decrement();
    return true;
  }

  snapshot(): unknown {
    return this.#count;
  }

  rollback(before: unknown): void {
    this.#count = before as number;
  }

  #misused(how: string): void {
    const { world, label } = this.owner;
    const who = `${world.current?.name ?? 'boot'} in ${world.currentFunctionName()}`;
    world.report('refcount', `${this.label}: ${how} by ${who}`, label);
  }

  #set(count: number): void {
    this.owner.world.log(this, this.#count);
    this.#count = count;
  }
}
