/**
 * The steps of pinning: one run of consecutive physical pages is pinned, or unpinned, as a whole. A page of a device's
 * BAR is mapped like any other but neither pinned nor charged. `@kernel vaddr_get_pfns, put_pfn`
 */
import { errnoName, PROT_WRITE } from '@iommu-lab/core';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from '@iommu-lab/explorer';
import { declareInjection, type Errno, injectedErrno } from '@iommu-lab/kernel';
import type { Mm } from '../task/mm';
import type { VfioDma } from './dma';
import type { PageTree } from './page-tree';
import type { ExternalPin, VfioIommu } from './vfio-iommu';

/** What one step pinned: `pages` consecutive physical pages, of which `chargedPages` count against the limit. */
export interface PinnedRun {
  readonly physicalPage: number;
  readonly pages: number;
  readonly chargedPages: number;
}

export interface PinRequest {
  readonly dma: VfioDma;
  readonly mm: Mm;
  readonly userPage: number;
  readonly iovaPage: number;
  readonly pages: number;
  /** Pages that may still be charged. */
  readonly allowancePages: number;
  /** Pages that emulated devices have pinned, and paid for, by iova page; null where there are none. */
  readonly charged: PageTree<ExternalPin> | null;
}

const PIN: OperationKind = {
  name: 'pin_user_pages',
  enabled: null,
  execute: (p) => pinRun(p),
  declare: (p) => declarePin(p, p.argument as PinRequest),
};
const UNPIN: OperationKind = {
  name: 'unpin_user_pages',
  enabled: null,
  execute: (p) => unpinRun(p),
  declare: (p) => declareUnpin(p, (p.target as VfioDma).iommu),
};

/** Pinning may fault pages in: it touches the user's page table and takes frames. */
function declarePin(pending: PendingOperation, { dma, mm, userPage, pages }: PinRequest): void {
  pending.accesses.add(dma.lifeLocation, AccessKind.READ);
  declareInjection(pending, dma.iommu.kernel, 'pin');
  for (const frame of mm.declareResolve(pending, userPage, pages)) mm.references.declareTake(pending, frame);
}

function declareUnpin(pending: PendingOperation, { system }: VfioIommu): void {
  pending.accesses.add((pending.target as VfioDma).lifeLocation, AccessKind.READ);
  const first = pending.number0;
  for (let page = first; page < first + pending.number1; page++) system.pages.declareDrop(pending, page);
}

function pinRun(pending: PendingOperation): PinnedRun | Errno {
  const { dma, mm, userPage, iovaPage, pages, allowancePages, charged } = pending.argument as PinRequest;
  const { system, kernel } = dma.iommu;
  const write = (dma.prot & PROT_WRITE) !== 0;
  let physicalPage = -1;
  let isMemory = false;
  let chargedPages = 0;
  let pinned = 0;
  let failed: Errno | null = null;
  while (pinned < pages) {
    const found = mm.resolve(userPage + pinned, write);
    if (found < 0) {
      failed = errnoName(found);
      break;
    }
    const foundMemory = mm.kindOf(found) === 'ram';
    if (pinned === 0) {
      physicalPage = found;
      isMemory = foundMemory;
    } else if (found !== physicalPage + pinned || foundMemory !== isMemory) break;
    failed = injectedErrno(kernel, 'pin', null);
    if (failed !== null) break;
    if (isMemory && charged?.at(iovaPage + pinned) === undefined) {
      if (chargedPages + 1 > allowancePages) {
        failed = 'ENOMEM';
        break;
      }
      chargedPages++;
    }
    system.pages.pin(found);
    pinned++;
  }
  if (failed === null) return { physicalPage, pages: pinned, chargedPages };
  for (let page = 0; page < pinned; page++) system.pages.unpin(physicalPage + page);
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

/** Pins a run of consecutive physical pages, from the first page on. Nothing stays pinned after an error. */
export function pinStep(request: PinRequest): Step<PinnedRun | Errno> {
  const { dma } = request;
  const pending = dma.world.begin(PIN, dma);
  pending.owner = dma;
  pending.argument = request;
  return dma.world.submit();
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
  return dma.world.submit();
}
