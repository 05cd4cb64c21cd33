/** What every lock of the model has: a name, an owner, a place in the accesses, and fibers that hold it. */
import type { Guard } from './cell';
import type { Fiber, Lockable } from './fiber';
import { KernelObject, type Owner } from './kernel-object';
import { AccessKind, type OperationKind, type PendingOperation, type Step, type Target } from './operation';

export abstract class Lock implements Target, Lockable, Guard {
  readonly label: string;
  readonly location: number;
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

  abstract permits(fiber: Fiber, writing: boolean): boolean;

  abstract rollback(before: unknown): void;

  /** Builds an operation on the lock; it also reads the life of the object that the lock lies in. */
  protected submit(kind: OperationKind, access: AccessKind): Step<never> {
    const world = this.owner.world;
    const pending = world.begin(kind, this);
    pending.owner = this.#object;
    pending.accesses.add(this.location, access);
    if (this.#object !== null) pending.accesses.add(this.#object.lifeLocation, AccessKind.READ);
    return world.submit();
  }

  protected hold(pending: PendingOperation): void {
    pending.fiber.held.push(this);
  }

  /** Forgets the latest time the fiber took it. */
  protected drop(pending: PendingOperation): void {
    const { held } = pending.fiber;
    const index = held.lastIndexOf(this);
    if (index >= 0) held.splice(index, 1);
  }

  protected reportBadUnlock(complaint: string): void {
    this.owner.world.report('bad-unlock', `${this.label} ${complaint}`, this.label);
  }
}
