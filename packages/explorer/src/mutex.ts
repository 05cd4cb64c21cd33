/** Mutual exclusion. Leaves out fairness, spinning and priority inheritance. `@kernel struct mutex` */
import type { Fiber } from './fiber';
import { Lock } from './lock';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from './operation';

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

export class Mutex extends Lock {
  holder: Fiber | null = null;

  /** Waits until nobody holds it. */
  lock(): Step<void> {
    return this.submit(LOCK, AccessKind.LOCK);
  }

  /** Takes it if nobody holds it; the answer says whether. */
  trylock(): Step<boolean> {
    return this.submit(TRY_LOCK, AccessKind.TRY_LOCK);
  }

  /** Records `bad-unlock` when somebody else or nobody holds it. */
  unlock(): Step<void> {
    return this.submit(UNLOCK, AccessKind.UNLOCK);
  }

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
    if (this.holder !== pending.fiber) {
      this.reportBadUnlock(`is held by ${this.holder === null ? 'nobody' : this.holder.name}`);
    }
    this.#setHolder(null);
    this.drop(pending);
  }

  canonical(): unknown {
    return this.holder;
  }

  rollback(before: unknown): void {
    this.holder = before as Fiber | null;
  }

  #setHolder(fiber: Fiber | null): void {
    this.owner.world.log(this, this.holder);
    this.holder = fiber;
  }
}
