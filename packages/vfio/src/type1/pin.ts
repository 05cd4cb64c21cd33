/**
 * Pinning user memory in runs of consecutive physical pages, and unpinning it. One run is one step. A page of a
 * device's BAR is mapped like any other but neither pinned nor charged.
 * `@kernel vfio_pin_pages_remote, vfio_unpin_pages_remote, vaddr_get_pfns, put_pfn`
 */
import { errnoName, PROT_WRITE } from '@iommu-lab/core';
import {
  AccessKind,
  kernelFunction,
  type Op,
  type OperationKind,
  type PendingOperation,
  type Step,
} from '@iommu-lab/explorer';
import { type Errno, injectedErrno, isErrno } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import { memlockLimitPages, vfioLockAcct } from './accounting';
import type { VfioDma } from './dma';

/** What one step pinned: `pages` consecutive physical pages, of which `chargedPages` count against the limit. */
export interface PinnedRun {
  readonly physicalPage: number;
  readonly pages: number;
  readonly chargedPages: number;
}

interface PinRequest {
  readonly dma: VfioDma;
  readonly iovaPage: number;
  readonly pages: number;
  /** Pages that may still be charged. */
  readonly allowancePages: number;
}

const PIN: OperationKind = { name: 'pin_user_pages', enabled: null, execute: (p) => pinRun(p) };
const UNPIN: OperationKind = { name: 'unpin_user_pages', enabled: null, execute: (p) => unpinRun(p) };

function pinRun(pending: PendingOperation): PinnedRun | Errno {
  const { dma, iovaPage, pages, allowancePages } = pending.argument as PinRequest;
  const { system, kernel } = dma.iommu;
  const { userPage, owner } = dma.state.value;
  const external = dma.iommu.externalPins.structure;
  const first = userPage + (iovaPage - dma.iovaPage);
  const write = (dma.prot & PROT_WRITE) !== 0;
  let base = -1;
  let counts = false;
  let charged = 0;
  let pinned = 0;
  let failed: Errno | null = null;
  while (pinned < pages) {
    const physical = owner.mm.resolve(first + pinned, write);
    if (physical < 0) {
      failed = errnoName(physical);
      break;
    }
    const isRam = owner.mm.kindOf(physical) === 'ram';
    if (pinned === 0) {
      base = physical;
      counts = isRam;
    } else if (physical !== base + pinned || isRam !== counts) break;
    failed = injectedErrno(kernel, 'pin', null);
    if (failed !== null) break;
    // What an emulated device has pinned is charged already.
    if (counts && (external.size === 0 || external.at(iovaPage + pinned) === undefined)) {
      if (charged + 1 > allowancePages) {
        failed = 'ENOMEM';
        break;
      }
      charged++;
    }
    system.pages.pin(physical);
    pinned++;
  }
  if (failed === null) return { physicalPage: base, pages: pinned, chargedPages: charged };
  for (let page = 0; page < pinned; page++) system.pages.unpin(base + page);
  return failed;
}

function unpinRun(pending: PendingOperation): number {
  const { system, kernel } = (pending.target as VfioDma).iommu;
  const first = pending.number0;
  const end = first + pending.number1;
  let unpinned = 0;
  for (let page = first; page < end; page++) {
    if (kernel.machine.memory.isRam(page)) unpinned++;
    system.pages.unpin(page);
  }
  return unpinned;
}

/** Pinning may fault pages in: it touches the user's page table and takes frames. */
function pinStep(request: PinRequest): Step<PinnedRun | Errno> {
  const { dma } = request;
  const pending = dma.world.begin(PIN, dma);
  pending.owner = dma;
  pending.argument = request;
  if (dma.world.mode === 'search') {
    const { locations } = dma.iommu.kernel;
    pending.accesses.add(locations.of(`${dma.state.value.owner.mm.label}.pages`), AccessKind.WRITE);
    pending.accesses.add(locations.of('frames'), AccessKind.WRITE);
  }
  return dma.world.submit();
}

/** `@kernel vaddr_get_pfns` */
function* vaddrGetPfns(request: PinRequest): Op<PinnedRun | Errno> {
  const { mm } = request.dma.state.value.owner;
  yield* mm.mmapLock.downRead();
  const run = yield* pinStep(request);
  yield* mm.mmapLock.upRead();
  return run;
}

/** Pins one page for an emulated device and answers the physical page. Nothing is charged. EFAULT. */
export function* pinOnePage(dma: VfioDma, iovaPage: number): Op<number | Errno> {
  const run = yield* vaddrGetPfns({ dma, iovaPage, pages: 1, allowancePages: Number.POSITIVE_INFINITY });
  return isErrno(run) ? run : run.physicalPage;
}

/**
 * Unpins `pages` consecutive physical pages; those that nobody else keeps are free at once. Answers how many were
 * memory. Precondition: no domain and no IOTLB translates to them any more.
 */
export function unpinStep(dma: VfioDma, physicalPage: number, pages: number): Step<number> {
  const pending = dma.world.begin(UNPIN, dma);
  pending.owner = dma;
  pending.number0 = physicalPage;
  pending.number1 = pages;
  if (dma.world.mode === 'search') {
    const { locations } = dma.iommu.kernel;
    pending.accesses.add(locations.of('frames'), AccessKind.WRITE);
    for (let page = 0; page < pages; page++) {
      pending.accesses.add(locations.of(`frame${physicalPage + page}`), AccessKind.WRITE);
    }
  }
  return dma.world.submit();
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
    const { owner } = yield* dma.state.load();
    if (pinner?.killed) return 'EINTR';
    if (owner.mm.dead) return 'EFAULT';
    const limited = !owner.capIpcLock && pinner !== null;
    const allowancePages = limited
      ? memlockLimitPages(pinner) - (yield* owner.mm.lockedPages.loadRacy())
      : Number.POSITIVE_INFINITY;
    const run = yield* vaddrGetPfns({ dma, iovaPage, pages, allowancePages });
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
