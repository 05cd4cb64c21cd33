/** Giving a group's DMA back attaches its default domain. From 5.19 on. `@kernel iommu_group_release_dma_owner` */
import type { Op } from '@iommu-lab/explorer';
import type { IommuGroup } from '../../group';

/** Precondition: group.mutex is held. A group that nobody owns: a warning and nothing else. */
export function* releaseToDefault(group: IommuGroup): Op<void> {
  if ((yield* group.ownerCount.load()) === 0 || (yield* group.owner.load()) === null) {
    group.kernel.warn('iommu_group_release_dma_owner');
    return;
  }
  yield* group.ownerCount.store(0);
  yield* group.owner.store(null);
  const defaultDomain = yield* group.defaultDomain.load();
  if (defaultDomain === null) return;
  const error = yield* group.kernel.era.setDomainForRelease(group, defaultDomain);
  if (error !== 0) group.kernel.warn('iommu_group_release_dma_owner');
}
