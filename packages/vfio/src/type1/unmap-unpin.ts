/**
 * Taking a dma out of the IOMMU. The order is what makes it safe: every other domain is unmapped and flushed first;
 * the first domain, which is where the physical pages are looked up, is unmapped in contiguous runs; pages are
 * unpinned only after the flush that covers them. `@kernel vfio_unmap_unpin, vfio_sync_unpin`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import {
  type IommuDomain,
  iommuContiguousPages,
  iommuIotlbSync,
  iommuIovaToPhys,
  iommuUnmap,
  iommuUnmapFast,
} from '@iommu-lab/kernel';
import { vfioLockAcct } from './accounting';
import type { VfioDma } from './dma';
import { vfioUnpinPagesRemote } from './pin';
import type { VfioDomain } from './vfio-iommu';

/** Runs that wait for one flush. `@kernel VFIO_IOMMU_TLB_SYNC_MAX` */
const RUNS_PER_SYNC = 512;

/** Unmapped, not yet flushed and unpinned. */
interface UnmappedRun {
  readonly iovaPage: number;
  readonly physicalPage: number;
  readonly pages: number;
}

/**
 * Unmaps the dma from all domains, unpins it and answers how many pages of memory that were. With `charge` the owner
 * gets the charge back and the answer is 0. Precondition: the container's lock is held. `@kernel vfio_unmap_unpin`
 */
export const vfioUnmapUnpin = kernelFunction(
  'vfio_unmap_unpin',
  function* vfioUnmapUnpin(dma: VfioDma, charge: boolean): Op<number> {
    const state = yield* dma.state.load();
    const { pages } = state;
    const [first, ...others] = yield* dma.iommu.domains.load();
    if (pages === 0 || first === undefined) return 0;
    for (const other of others) yield* iommuUnmap(other.domain, dma.iovaPage, pages);
    const unpinned = yield* unmapRuns(dma, first, pages);
    yield* dma.state.store({ ...state, iommuMapped: false });
    if (!charge) return unpinned;
    yield* vfioLockAcct(dma, -unpinned);
    return 0;
  },
);

/** The first domain: fast unmaps, collected and flushed together. */
function* unmapRuns(dma: VfioDma, { domain, fineGrainedSuperpages }: VfioDomain, pages: number): Op<number> {
  const end = dma.iovaPage + pages;
  let waiting: UnmappedRun[] = [];
  let unpinned = 0;
  let page = dma.iovaPage;
  while (page < end) {
    const physicalPage = yield* iommuIovaToPhys(domain, page);
    if (physicalPage < 0) {
      dma.iommu.kernel.warn('vfio_unmap_unpin');
      page++;
      continue;
    }
    const run = fineGrainedSuperpages
      ? 1
      : yield* iommuContiguousPages(domain, page, physicalPage, end - page);
    const unmapped = yield* iommuUnmapFast(domain, page, run);
    if (unmapped > 0) waiting.push({ iovaPage: page, physicalPage, pages: unmapped });
    if (unmapped === 0 || waiting.length >= RUNS_PER_SYNC) {
      unpinned += yield* vfioSyncUnpin(dma, domain, waiting);
      waiting = [];
    }
    if (unmapped === 0) {
      dma.iommu.kernel.warn('vfio_unmap_unpin');
      break;
    }
    page += unmapped;
  }
  return unpinned + (yield* vfioSyncUnpin(dma, domain, waiting));
}

function* vfioSyncUnpin(dma: VfioDma, domain: IommuDomain, runs: readonly UnmappedRun[]): Op<number> {
  const first = runs[0];
  const last = runs.at(-1);
  if (first === undefined || last === undefined) return 0;
  yield* iommuIotlbSync(domain, first.iovaPage, last.iovaPage + last.pages - first.iovaPage);
  let unpinned = 0;
  for (const run of runs) {
    unpinned += yield* vfioUnpinPagesRemote(dma, run.iovaPage, run.physicalPage, run.pages, false);
  }
  return unpinned;
}
