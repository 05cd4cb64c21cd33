/** Mutual exclusion. Leaves out fairness, spinning and priority inheritance. `@kernel struct mutex` */
import { ExclusiveLock } from './exclusive-lock';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from './operation';
import { Interruption } from './signal';

const LOCK: OperationKind = {
  name: 'mutex_lock',
  enabled: (p) => (p.target as Mutex).holder === null,
  execute: (p) => (p.target as Mutex).take(p),
};
const LOCK_INTERRUPTIBLE: OperationKind = {
  name: 'mutex_lock_interruptible',
  enabled: (p) => (p.target as Mutex).takeableOrInterrupted(p),
  execute: (p) => (p.target as Mutex).takeUnlessInterrupted(p),
};
const LOCK_KILLABLE: OperationKind = { ...LOCK_INTERRUPTIBLE, name: 'mutex_lock_killable' };
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

export class Mutex extends ExclusiveLock {
  /** Waits until nobody holds it. */
  lock(): Step<void> {
    return this.acquire(LOCK, AccessKind.LOCK);
  }

  /**
   * Waits until nobody holds it (0), or until a signal is pending for the fiber's task while somebody does (EINTR).
   * A free mutex is taken whatever is pending. `@kernel mutex_lock_interruptible`
   */
  lockInterruptible(): Step<0 | 'EINTR'> {
    return this.acquireUnless(LOCK_INTERRUPTIBLE, AccessKind.LOCK, Interruption.BY_ANY);
  }

  /** The same, but only a fatal signal ends the wait. `@kernel mutex_lock_killable` */
  lockKillable(): Step<0 | 'EINTR'> {
    return this.acquireUnless(LOCK_KILLABLE, AccessKind.LOCK, Interruption.BY_FATAL);
  }

  /** Takes it if nobody holds it; the answer says whether. */
  trylock(): Step<boolean> {
    return this.submit(TRY_LOCK, AccessKind.TRY_LOCK);
  }

  /** Records `bad-unlock` when somebody else or nobody holds it. */
  unlock(): Step<void> {
    return this.submit(UNLOCK, AccessKind.UNLOCK);
  }

  takeableOrInterrupted(pending: PendingOperation): boolean {
    return this.holder === null || Mutex.interrupted(pending);
  }

  takeUnlessInterrupted(pending: PendingOperation): 0 | 'EINTR' {
    return this.tryTake(pending) ? 0 : 'EINTR';
  }
}
