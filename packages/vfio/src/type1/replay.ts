/**
 * A new domain gets everything that the container has mapped. Translations are copied from the container's first domain
 * where there is one; what was only noted so far is pinned now. `@kernel vfio_iommu_replay`
 */
import { PROT_CACHE } from '@iommu-lab/core';
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import {
  type Errno,
  type IommuDomain,
  iommuContiguousPages,
  iommuIovaToPhys,
  iommuMap,
  iommuUnmap,
  isErrno,
} from '@iommu-lab/kernel';
import { currentTask } from './current-task';
import type { VfioDma } from './dma';
import { allDmas } from './dma-tree';
import { vfioPinPagesRemote, vfioUnpinPagesRemote } from './pin';
import type { VfioIommu } from './vfio-iommu';

/** A run of pages to map. */
interface Run {
  readonly physicalPage: number;
  readonly pages: number;
}

/**
 * Maps all dmas in `domain`. Precondition: the container's lock is held, `domain` is not yet one of the container's.
 * Errors: of pinning and of iommu_map. After an error the domain is empty again, and what was pinned for it is not.
 */
export const vfioIommuReplay = kernelFunction(
  'vfio_iommu_replay',
  function* vfioIommuReplay(iommu: VfioIommu, domain: IommuDomain): Op<0 | Errno> {
    const dmas = yield* allDmas(iommu);
    for (const [index, dma] of dmas.entries()) {
      const error = yield* replayDma(dma, domain);
      if (error === 0) continue;
      for (const done of dmas.slice(0, index + 1).reverse()) yield* unwindDma(done, domain);
      return error;
    }
    for (const dma of dmas) yield* dma.state.store({ ...(yield* dma.state.load()), iommuMapped: true });
    return 0;
  },
);

function* replayDma(dma: VfioDma, domain: IommuDomain): Op<0 | Errno> {
  const { pages, iommuMapped } = yield* dma.state.load();
  const end = dma.iovaPage + pages;
  const [source] = yield* dma.iommu.domains.load();
  let page = dma.iovaPage;
  while (page < end) {
    const run: Run | Errno | null =
      iommuMapped && source !== undefined
        ? yield* copiedRun(source.domain, page, end)
        : yield* vfioPinPagesRemote(dma, page, end - page, currentTask(dma.world));
    if (isErrno(run)) return run;
    if (run === null) {
      dma.iommu.kernel.warn('vfio_iommu_replay');
      page++;
      continue;
    }
    const error = yield* iommuMap(domain, page, run.physicalPage, run.pages, dma.prot | PROT_CACHE);
    if (error !== 0) {
      if (!iommuMapped) yield* vfioUnpinPagesRemote(dma, page, run.physicalPage, run.pages, true);
      return error;
    }
    page += run.pages;
  }
  return 0;
}

/** The run of consecutive physical pages that the source has from `page` on, or null where it has none. */
function* copiedRun(source: IommuDomain, page: number, end: number): Op<Run | null> {
  const physicalPage = yield* iommuIovaToPhys(source, page);
  if (physicalPage < 0) return null;
  return { physicalPage, pages: yield* iommuContiguousPages(source, page, physicalPage, end - page) };
}

/** Takes a dma out of the domain that failed. Only what was pinned for this domain is unpinned. */
function* unwindDma(dma: VfioDma, domain: IommuDomain): Op<void> {
  const { pages, iommuMapped } = yield* dma.state.load();
  if (iommuMapped) {
    yield* iommuUnmap(domain, dma.iovaPage, pages);
    return;
  }
  const end = dma.iovaPage + pages;
  let page = dma.iovaPage;
  while (page < end) {
    const physicalPage = yield* iommuIovaToPhys(domain, page);
    if (physicalPage < 0) {
      page++;
      continue;
    }
    const run = yield* iommuContiguousPages(domain, page, physicalPage, end - page);
    yield* iommuUnmap(domain, page, run);
    yield* vfioUnpinPagesRemote(dma, page, physicalPage, run, true);
    page += run;
  }
}
