/** Ownership of a group's DMA: who may use it, user space or the kernel's drivers. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { DmaOwner } from '../contract';
import type { Errno } from '../errno';
import type { IommuGroup } from '../group';

/** Takes the group for `owner`, by the era's rule. EPERM, EBUSY, ENOMEM, EINVAL. `@kernel iommu_group_claim_dma_owner` */
export const iommuGroupClaimDmaOwner = kernelFunction(
  'iommu_group_claim_dma_owner',
  function* iommuGroupClaimDmaOwner(group: IommuGroup, owner: DmaOwner): Op<0 | Errno> {
    yield* group.mutex.lock();
    const error = yield* group.kernel.era.claim(group, owner);
    yield* group.mutex.unlock();
    return error;
  },
);

/**
 * Gives the group back, by the era's rule. Precondition: the group is owned. `@kernel iommu_group_release_dma_owner`
 */
export const iommuGroupReleaseDmaOwner = kernelFunction(
  'iommu_group_release_dma_owner',
  function* iommuGroupReleaseDmaOwner(group: IommuGroup): Op<void> {
    yield* group.mutex.lock();
    yield* group.kernel.era.release(group);
    yield* group.mutex.unlock();
  },
);

/** Whether anybody uses the group's DMA now: a hint that may be stale at once. `@kernel iommu_group_dma_owner_claimed` */
export const iommuGroupDmaOwnerClaimed = kernelFunction(
  'iommu_group_dma_owner_claimed',
  function* iommuGroupDmaOwnerClaimed(group: IommuGroup): Op<boolean> {
    yield* group.mutex.lock();
    const count = yield* group.ownerCount.load();
    yield* group.mutex.unlock();
    return count !== 0;
  },
);
