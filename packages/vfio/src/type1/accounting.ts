/**
 * RLIMIT_MEMLOCK: pinned pages are charged to the memory of the process that mapped them, page by page and mapping by
 * mapping, so that a page mapped twice counts twice. `@kernel vfio_lock_acct, vfio_change_dma_owner`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import type { DmaOwner, VfioDma } from './dma';

/** Pages that the task's limit allows. */
export function memlockLimitPages(task: Task): number {
  return Number(task.memlockBytes >> 12n);
}

/**
 * Charges `pages` pages (negative: gives them back) to the dma's owner. A process that is gone gets nothing back.
 * Precondition: the container's lock is held. ENOMEM: beyond the owner's limit, without CAP_IPC_LOCK; nothing changes.
 */
export function* vfioLockAcct(dma: VfioDma, pages: number): Op<0 | Errno> {
  if (pages === 0) return 0;
  const state = yield* dma.state.load();
  const { mm } = state.owner;
  // What is charged was pinned just now, in memory that is there; what is given back may be long unused.
  if (pages < 0 && !(yield* mm.getUnlessDead())) return 0;
  const error = yield* mmLockAcct(state.owner, pages);
  if (error === 0) yield* dma.state.store({ ...state, lockedPages: state.lockedPages + pages });
  if (pages < 0) yield* mm.put();
  return error;
}

/** `@kernel mm_lock_acct, __account_locked_vm` */
function* mmLockAcct(owner: DmaOwner, pages: number): Op<0 | Errno> {
  const { mm, task, capIpcLock } = owner;
  yield* mm.mmapLock.downWrite();
  const locked = yield* mm.lockedPages.load();
  const refused = pages > 0 && !capIpcLock && locked + pages > memlockLimitPages(task);
  if (!refused) yield* mm.lockedPages.store(locked + pages);
  yield* mm.mmapLock.upWrite();
  return refused ? 'ENOMEM' : 0;
}

/**
 * A new vaddr may come from another process: the charge moves to it. Precondition: the container's lock is held.
 * ENOMEM: beyond the new owner's limit. EINTR: it was killed. Nothing changes then. `@kernel vfio_change_dma_owner`
 */
export const vfioChangeDmaOwner = kernelFunction(
  'vfio_change_dma_owner',
  function* vfioChangeDmaOwner(dma: VfioDma, task: Task): Op<0 | Errno> {
    const state = yield* dma.state.load();
    const { owner: old, lockedPages } = state;
    if (old.mm === task.mm) return 0;
    if (task.killed) return 'EINTR';
    const owner: DmaOwner = { task, mm: task.mm, capIpcLock: task.capIpcLock };
    if (lockedPages !== 0) {
      const error = yield* mmLockAcct(owner, lockedPages);
      if (error !== 0) return error;
      if (yield* old.mm.getUnlessDead()) {
        yield* mmLockAcct(old, -lockedPages);
        yield* old.mm.put();
      }
    }
    yield* owner.mm.grab();
    yield* dma.state.store({ ...state, owner });
    yield* old.mm.drop();
    return 0;
  },
);
