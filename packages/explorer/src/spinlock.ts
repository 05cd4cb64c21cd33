/**
 * Spinlocks: exclusive, and whoever holds one must not sleep. A waiting fiber does not spin, it is not scheduled.
 * Leaves out interrupt contexts (`spin_lock_irqsave`), bottom halves and queueing. `@kernel spinlock_t`
 */
import { ExclusiveLock } from './exclusive-lock';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from './operation';

const LOCK: OperationKind = {
  name: 'spin_lock',
  enabled: (p) => (p.target as Spinlock).holder === null,
  execute: (p) => (p.target as Spinlock).take(p),
};
const TRY_LOCK: OperationKind = {
  name: 'spin_trylock',
  enabled: null,
  execute: (p) => (p.target as Spinlock).tryTake(p),
};
const UNLOCK: OperationKind = {
  name: 'spin_unlock',
  enabled: null,
  execute: (p) => (p.target as Spinlock).release(p),
};

export class Spinlock extends ExclusiveLock {
  /** Waits until nobody holds it. The fiber is atomic until it unlocks. `@kernel spin_lock` */
  lock(): Step<void> {
    return this.acquire(LOCK, AccessKind.LOCK);
  }

  /** Takes it if nobody holds it; the answer says whether. `@kernel spin_trylock` */
  trylock(): Step<boolean> {
    return this.submit(TRY_LOCK, AccessKind.TRY_LOCK);
  }

  /** Records `bad-unlock` when somebody else or nobody holds it. `@kernel spin_unlock` */
  unlock(): Step<void> {
    return this.submit(UNLOCK, AccessKind.UNLOCK);
  }

  protected override get sleeps(): boolean {
    return false;
  }

  protected override hold(pending: PendingOperation): void {
    super.hold(pending);
    pending.fiber.spinlocks++;
  }

  protected override drop(pending: PendingOperation): boolean {
    const held = super.drop(pending);
    if (held) pending.fiber.spinlocks--;
    return held;
  }
}
