/** VFIO_CHECK_EXTENSION asked of a container that has chosen type1. `@kernel vfio_iommu_type1_check_extension` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { VFIO_DMA_CC_IOMMU, VFIO_UPDATE_VADDR } from './uapi';
import type { VfioIommu } from './vfio-iommu';

/**
 * 1 or 0. A new vaddr can be given only while no emulated device could need the old one; DMA_CC_IOMMU holds when every
 * domain ignores no-snoop.
 */
export const vfioIommuType1CheckExtension = kernelFunction(
  'vfio_iommu_type1_check_extension',
  function* vfioIommuType1CheckExtension(iommu: VfioIommu, extension: number): Op<number> {
    if (iommu.system.era.type1.claimedExtensions.includes(extension)) return 1;
    const vaddr = extension === VFIO_UPDATE_VADDR && iommu.system.era.type1.updatesVaddr;
    if (!vaddr && extension !== VFIO_DMA_CC_IOMMU) return 0;
    yield* iommu.lock.lock();
    const holds = vaddr
      ? (yield* iommu.emulatedGroups.load()).length === 0
      : (yield* iommu.domains.load()).every((domain) => domain.enforceCacheCoherency);
    yield* iommu.lock.unlock();
    return holds ? 1 : 0;
  },
);
