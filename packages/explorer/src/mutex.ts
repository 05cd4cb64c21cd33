/** Mutual exclusion. Leaves out fairness, spinning and priority inheritance. `@kernel struct mutex` */
import type { Guard } from './cell';
import type { Fiber, Lockable } from './fiber';
import { KernelObject, type Owner } from './kernel-object';
import { AccessKind, type OperationKind, type PendingOperation, type Step, type Target } from './operation';

const LOCK: OperationKind = {
  name: 'mutex_lock',
  enabled: (p) => (p.target as Mutex).holder === null,
  execute: (p) => (p.target as Mutex).take(p),
};
const TRY_LOCK: OperationKind = {
  name: 'mutex_trylock',
  enabled: null,
  execute: (p) => (p.target as Mutex).tryTake(p),
};
const UNLOCK: OperationKind = {
  name: 'mutex_unlock',
  enabled: null,
  execute: (p) => (p.target as Mutex).release(p),
};

export class Mutex implements Target, Lockable, Guard {
  readonly label: string;
  readonly location: number;
  holder: Fiber | null = null;
  readonly #object: KernelObject | null;

  /** @param lockClass locks of one class take one place in the lock order */
  constructor(
    readonly owner: Owner,
    name: string,
    readonly lockClass: string = name,
  ) {
    this.#object = owner instanceof KernelObject ? owner : null;
    this.label = owner.label === '' ? name : `${owner.label}.${name}`;
    this.location = owner.world.newLocation();
  }

  get targetClass(): string {
    return this.lockClass;
  }

  /** Waits until nobody holds it. */
  lock(): Step<void> {
    return this.#build(LOCK, AccessKind.LOCK);
  }

  /** Takes it if nobody holds it; the answer says whether. */
  trylock(): Step<boolean> {
    return this.#build(TRY_LOCK, AccessKind.TRY_LOCK);
  }

  /** Records `bad-unlock` when somebody else or nobody holds it. */
  unlock(): Step<void> {
    return this.#build(UNLOCK, AccessKind.UNLOCK);
  }

  permits(fiber: Fiber): boolean {
    return this.holder === fiber;
  }

  take(pending: PendingOperation): void {
    this.#setHolder(pending.fiber);
    pending.fiber.held.push(this);
  }

  tryTake(pending: PendingOperation): boolean {
    if (this.holder !== null) return false;
    this.take(pending);
    return true;
  }

  release(pending: PendingOperation): void {
    const fiber = pending.fiber;
    if (this.holder !== fiber) {
      const holder = this.holder === null ? 'nobody' : this.holder.name;
      this.owner.world.report('bad-unlock', `${this.label} is held by ${holder}`, this.label);
    }
    this.#setHolder(null);
    const index = fiber.held.lastIndexOf(this);
    if (index >= 0) fiber.held.splice(index, 1);
  }

  rollback(before: unknown): void {
    this.holder = before as Fiber | null;
  }

  #setHolder(fiber: Fiber | null): void {
    this.owner.world.log(this, this.holder);
    this.holder = fiber;
  }

  #build(kind: OperationKind, access: AccessKind): Step<never> {
    const world = this.owner.world;
    const pending = world.begin(kind, this);
    pending.owner = this.#object;
    pending.accesses.add(this.location, access);
    if (this.#object !== null) pending.accesses.add(this.#object.lifeLocation, AccessKind.READ);
    return world.submit();
  }
}
