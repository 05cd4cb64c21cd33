/**
 * Pinning what lies behind a dma, run by run, and charging its owner for it.
 * `@kernel vfio_pin_pages_remote, vfio_unpin_pages_remote`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, isErrno } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import { memlockLimitPages, vfioLockAcct } from './accounting';
import type { DmaState, VfioDma } from './dma';
import { type PinnedRun, pinStep, unpinStep } from './pin-run';

/** `@kernel vaddr_get_pfns` */
function* vaddrGetPfns(
  dma: VfioDma,
  state: DmaState,
  iovaPage: number,
  pages: number,
  allowancePages: number,
): Op<PinnedRun | Errno> {
  const charged = yield* dma.iommu.externalPins.read((tree) => (tree.size === 0 ? null : tree));
  const userPage = state.userPage + (iovaPage - dma.iovaPage);
  const { mm } = state.owner;
  yield* mm.mmapLock.downRead();
  const run = yield* pinStep({ dma, mm, userPage, iovaPage, pages, allowancePages, charged });
  yield* mm.mmapLock.upRead();
  return run;
}

/** Pins one page for an emulated device and answers the physical page. Nothing is charged. EFAULT. */
export function* pinOnePage(dma: VfioDma, iovaPage: number): Op<number | Errno> {
  const state = yield* dma.state.load();
  const run = yield* vaddrGetPfns(dma, state, iovaPage, 1, Number.POSITIVE_INFINITY);
  return isErrno(run) ? run : run.physicalPage;
}

/**
 * Pins the pages behind [iovaPage, iovaPage + pages) up to the first that does not follow physically, and charges
 * them. `pinner`: whose limit binds, the caller's. Precondition: the container's lock is held, nothing of the range is
 * pinned for the IOMMU. EFAULT: no memory there or no right. ENOMEM: RLIMIT_MEMLOCK. EINTR: killed. Nothing stays
 * pinned after an error.
 */
export const vfioPinPagesRemote = kernelFunction(
  'vfio_pin_pages_remote',
  function* vfioPinPagesRemote(
    dma: VfioDma,
    iovaPage: number,
    pages: number,
    pinner: Task | null,
  ): Op<PinnedRun | Errno> {
    const state = yield* dma.state.load();
    const { owner } = state;
    if (pinner?.killed) return 'EINTR';
    if ((yield* owner.mm.users.read()) === 0) return 'EFAULT';
    const limited = !owner.capIpcLock && pinner !== null;
    const allowancePages = limited
      ? memlockLimitPages(pinner) - (yield* owner.mm.lockedPages.loadRacy())
      : Number.POSITIVE_INFINITY;
    const run = yield* vaddrGetPfns(dma, state, iovaPage, pages, allowancePages);
    if (isErrno(run)) return run;
    const error = yield* vfioLockAcct(dma, run.chargedPages);
    if (error === 0) return run;
    yield* unpinStep(dma, run.physicalPage, run.pages);
    return error;
  },
);

/**
 * Unpins a run that `vfioPinPagesRemote` pinned and answers how many pages were memory. With `charge` the owner gets
 * back what it paid for them; pages that an emulated device has pinned too stay charged.
 */
export function* vfioUnpinPagesRemote(
  dma: VfioDma,
  iovaPage: number,
  physicalPage: number,
  pages: number,
  charge: boolean,
): Op<number> {
  const unpinned = yield* unpinStep(dma, physicalPage, pages);
  if (charge) {
    const shared = yield* dma.iommu.externalPins.read((tree) => tree.keysIn(iovaPage, pages).length);
    yield* vfioLockAcct(dma, shared - unpinned);
  }
  return unpinned;
}
