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
 * Gives the group back: its default domain is attached again.
 * Precondition: the group is owned; otherwise a warning and nothing else. `@kernel iommu_group_release_dma_owner`
 */
export const iommuGroupReleaseDmaOwner = kernelFunction(
  'iommu_group_release_dma_owner',
  function* iommuGroupReleaseDmaOwner(group: IommuGroup): Op<void> {
    yield* group.mutex.lock();
    if ((yield* group.ownerCount.load()) === 0 || (yield* group.owner.load()) === null) {
      group.kernel.warn('iommu_group_release_dma_owner');
    } else {
      yield* group.ownerCount.store(0);
      yield* group.owner.store(null);
      const defaultDomain = yield* group.defaultDomain.load();
      if (defaultDomain !== null) {
        const error = yield* group.kernel.era.setDomainForRelease(group, defaultDomain);
        if (error !== 0) group.kernel.warn('iommu_group_release_dma_owner');
      }
    }
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
