/** A lock that one fiber holds at a time: what mutexes and spinlocks have in common. */
import type { Fiber } from './fiber';
import { Lock } from './lock';
import type { PendingOperation } from './operation';

export abstract class ExclusiveLock extends Lock {
  holder: Fiber | null = null;

  permits(fiber: Fiber): boolean {
    return this.holder === fiber;
  }

  take(pending: PendingOperation): void {
    this.#setHolder(pending.fiber);
    this.hold(pending);
  }

  tryTake(pending: PendingOperation): boolean {
    if (this.holder !== null) return false;
    this.take(pending);
    return true;
  }

  release(pending: PendingOperation): void {
    const { fiber } = pending;
    if (this.holder !== fiber) {
      this.reportBadUnlock(`is held by ${this.holder?.name ?? 'nobody'}, not by ${fiber.name}`);
    }
    this.#setHolder(null);
    this.drop(pending);
  }

  snapshot(): unknown {
    return this.holder;
  }

  rollback(before: unknown): void {
    this.holder = before as Fiber | null;
  }

  protected deadlocksItself(fiber: Fiber): boolean {
    return this.holder === fiber;
  }

  #setHolder(fiber: Fiber | null): void {
    this.owner.world.log(this, this.holder);
    this.holder = fiber;
  }
}
