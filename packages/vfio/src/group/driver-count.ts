/** How many drivers have devices in a group: a count that takes a lock when it reaches zero. */
import type { Mutex, Op, Refcount } from '@iommu-lab/explorer';

/** True when the count reached zero: `lock` is held then, and otherwise not. `@kernel refcount_dec_and_mutex_lock` */
export function* putAndLock(refs: Refcount, lock: Mutex): Op<boolean> {
  if (yield* refs.putUnlessLast()) return false;
  yield* lock.lock();
  if (yield* refs.put()) return true;
  yield* lock.unlock();
  return false;
}
