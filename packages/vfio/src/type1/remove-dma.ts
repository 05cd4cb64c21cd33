/** The end of a dma, and of all dmas of a container. `@kernel vfio_remove_dma, vfio_iommu_unmap_unpin_all` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { vfioLockAcct } from './accounting';
import { clearDirty } from './dirty';
import type { VfioDma } from './dma';
import { allDmas, vfioUnlinkDma } from './dma-tree';
import { vfioUnmapUnpin } from './unmap-unpin';
import type { VfioIommu } from './vfio-iommu';

/** Unmaps, unpins, unlinks and frees. Precondition: the container's lock is held, no emulated device has pages pinned. */
export const vfioRemoveDma = kernelFunction(
  'vfio_remove_dma',
  function* vfioRemoveDma(dma: VfioDma): Op<void> {
    const { iommu } = dma;
    const { pages, vaddrInvalid, owner } = yield* dma.state.load();
    if (yield* iommu.externalPins.read((tree) => tree.hasIn(dma.iovaPage, pages))) {
      iommu.kernel.warn('vfio_remove_dma');
    }
    yield* vfioUnmapUnpin(dma, true);
    yield* vfioUnlinkDma(iommu, dma);
    if (yield* iommu.dirtyTracking.load()) yield* clearDirty(dma);
    if (vaddrInvalid) yield* iommu.vaddrInvalidCount.store((yield* iommu.vaddrInvalidCount.load()) - 1);
    yield* owner.mm.drop();
    yield* dma.free();
    yield* iommu.dmaAvail.store((yield* iommu.dmaAvail.load()) + 1);
  },
);

/** The last group has left: nothing stays. */
export const vfioIommuUnmapUnpinAll = kernelFunction(
  'vfio_iommu_unmap_unpin_all',
  function* vfioIommuUnmapUnpinAll(iommu: VfioIommu): Op<void> {
    for (const dma of yield* allDmas(iommu)) yield* vfioRemoveDma(dma);
  },
);

/**
 * The last domain goes and emulated devices stay: the dmas stay too, unpinned, and only what the emulated devices have
 * pinned remains charged. `@kernel vfio_iommu_unmap_unpin_reaccount`
 */
export const vfioIommuUnmapUnpinReaccount = kernelFunction(
  'vfio_iommu_unmap_unpin_reaccount',
  function* vfioIommuUnmapUnpinReaccount(iommu: VfioIommu): Op<void> {
    const { memory } = iommu.kernel.machine;
    for (const dma of yield* allDmas(iommu)) {
      const unpinned = yield* vfioUnmapUnpin(dma, false);
      const { pages } = yield* dma.state.load();
      const external = yield* iommu.externalPins.read((tree) =>
        tree.keysIn(dma.iovaPage, pages).map((page) => tree.at(page)),
      );
      const stillPinned = external.filter(
        (pin) => pin !== undefined && memory.isRam(pin.physicalPage),
      ).length;
      yield* vfioLockAcct(dma, stillPinned - unpinned);
    }
  },
);
