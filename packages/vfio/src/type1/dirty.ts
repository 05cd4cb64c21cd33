/**
 * Dirty tracking in software: which pages of a dma may have been written by a device. Pages that emulated devices have
 * pinned count as dirty as long as they are pinned; a group that can write anything makes every mapped page dirty.
 * `@kernel vfio_dma_bitmap_alloc, vfio_dma_populate_bitmap, vfio_iommu_populate_bitmap_full`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import type { VfioDma } from './dma';
import { allDmas } from './dma-tree';
import { smallestPageBytes } from './page-sizes';
import { DIRTY_BITMAP_MAX_PAGES } from './uapi';
import type { VfioIommu } from './vfio-iommu';

/** Whether one bitmap can describe the dma. Precondition of all here: the container's lock is held. */
export function* dirtyBitmapFits(dma: VfioDma): Op<boolean> {
  const { pages } = yield* dma.state.load();
  const unitPages = yield* dirtyUnitPages(dma.iommu);
  return pages / unitPages <= DIRTY_BITMAP_MAX_PAGES;
}

/** Pages of 4 KiB that one bit stands for: the container's smallest page. */
export function* dirtyUnitPages(iommu: VfioIommu): Op<number> {
  return Number(smallestPageBytes(yield* iommu.pageSizes.load()) >> 12n);
}

/** Marks one page. No effect while nothing is tracked. */
export function* markDirty(iommu: VfioIommu, iovaPage: number): Op<void> {
  if (!(yield* iommu.dirtyTracking.load())) return;
  if (yield* iommu.dirtyPages.read((tree) => tree.at(iovaPage) !== undefined)) return;
  yield* iommu.dirtyPages.change({
    apply: (tree) => tree.set(iovaPage, true),
    undo: (tree) => tree.delete(iovaPage),
  });
}

/** Forgets what is dirty in the dma. */
export function* clearDirty(dma: VfioDma): Op<void> {
  const { iommu, iovaPage } = dma;
  const state = yield* dma.state.load();
  const marked = yield* iommu.dirtyPages.read((tree) => tree.keysIn(iovaPage, state.pages));
  if (marked.length > 0) {
    yield* iommu.dirtyPages.change({
      apply: (tree) => {
        for (const page of marked) tree.delete(page);
      },
      undo: (tree) => {
        for (const page of marked) tree.set(page, true);
      },
    });
  }
  if (state.allDirty) yield* dma.state.store({ ...state, allDirty: false });
}

/** Marks what emulated devices have pinned. `@kernel vfio_dma_populate_bitmap` */
export function* populatePinned(dma: VfioDma): Op<void> {
  const { pages } = yield* dma.state.load();
  const pinned = yield* dma.iommu.externalPins.read((tree) => tree.keysIn(dma.iovaPage, pages));
  for (const page of pinned) yield* markDirty(dma.iommu, page);
}

/** Marks everything: a group that could write anything has left, and nobody knows what it wrote. */
export const vfioIommuPopulateBitmapFull = kernelFunction(
  'vfio_iommu_populate_bitmap_full',
  function* vfioIommuPopulateBitmapFull(iommu: VfioIommu): Op<void> {
    for (const dma of yield* allDmas(iommu)) {
      yield* dma.state.store({ ...(yield* dma.state.load()), allDirty: true });
    }
  },
);

/** Starts tracking; a second start is no error. EINVAL: a dma is too large for a bitmap, nothing is tracked then. */
export function* startTracking(iommu: VfioIommu): Op<0 | Errno> {
  if (yield* iommu.dirtyTracking.load()) return 0;
  const dmas = yield* allDmas(iommu);
  for (const dma of dmas) if (!(yield* dirtyBitmapFits(dma))) return 'EINVAL';
  yield* iommu.dirtyTracking.store(true);
  for (const dma of dmas) yield* populatePinned(dma);
  return 0;
}

/** Stops tracking and forgets; a second stop is no error. */
export function* stopTracking(iommu: VfioIommu): Op<void> {
  if (!(yield* iommu.dirtyTracking.load())) return;
  for (const dma of yield* allDmas(iommu)) yield* clearDirty(dma);
  yield* iommu.dirtyTracking.store(false);
}
