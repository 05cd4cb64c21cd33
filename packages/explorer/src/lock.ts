/** What every lock of the model has: a class, a place in the accesses, and fibers that hold it. */
import { type Guard, Location } from './cell';
import type { Fiber, Lockable } from './fiber';
import type { Owner } from './kernel-object';
import type { AccessKind, OperationKind, PendingOperation, Step } from './operation';

export abstract class Lock extends Location implements Lockable, Guard {
  /** @param lockClass locks of one class take one place in the lock order */
  constructor(
    owner: Owner,
    name: string,
    readonly lockClass: string = name,
  ) {
    super(owner, name, null);
  }

  override get targetClass(): string {
    return this.lockClass;
  }

  abstract permits(fiber: Fiber, writing: boolean): boolean;

  protected submit(kind: OperationKind, access: AccessKind): Step<never> {
    this.access(kind, access);
    return this.owner.world.submit();
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
