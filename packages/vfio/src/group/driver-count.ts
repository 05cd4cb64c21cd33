/** How many drivers have devices in a group: a count that takes a lock when it reaches zero. */
import {
  AccessKind,
  type Mutex,
  type Op,
  type OperationKind,
  type Refcount,
  type Step,
} from '@iommu-lab/explorer';

const PUT_UNLESS_LAST: OperationKind = {
  name: 'put_unless_last',
  enabled: null,
  execute: (p) => {
    const refs = p.target as Refcount;
    if (refs.value === 1) return false;
    refs.decrement();
    return true;
  },
};

function putUnlessLast(refs: Refcount): Step<boolean> {
  const { world } = refs.owner;
  world.begin(PUT_UNLESS_LAST, refs).accesses.add(refs.location, AccessKind.WRITE);
  return world.submit();
}

const READ: OperationKind = {
  name: 'refcount_read',
  enabled: null,
  execute: (p) => (p.target as Refcount).value,
};

/** The count now. `@kernel refcount_read` */
export function readCount(refs: Refcount): Step<number> {
  const { world } = refs.owner;
  world.begin(READ, refs).accesses.add(refs.location, AccessKind.READ);
  return world.submit();
}

/** True when the count reached zero: `lock` is held then, and otherwise not. `@kernel refcount_dec_and_mutex_lock` */
export function* putAndLock(refs: Refcount, lock: Mutex): Op<boolean> {
  if (yield* putUnlessLast(refs)) return false;
  yield* lock.lock();
  if (yield* refs.put()) return true;
  yield* lock.unlock();
  return false;
}
