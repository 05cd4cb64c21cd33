/**
 * Where the core keeps a group that is on nobody's domain: on its blocking domain while it is owned, else on its default
 * domain. From 5.19 on; before ownership nobody owns a group, and it is always the default domain.
 * `@kernel __iommu_group_set_core_domain` (read in 6.1 and 6.12)
 */
import type { Op } from '@iommu-lab/explorer';
import type { IommuGroup } from '../../group';

/** Precondition: group.mutex is held. Cannot fail. */
export function* coreDomainBlockingWhileOwned(group: IommuGroup): Op<void> {
  const owned = (yield* group.owner.load()) !== null;
  const target = owned ? yield* group.blockingDomain.load() : yield* group.defaultDomain.load();
  if (target === null) return;
  const error = yield* group.kernel.era.setDomainForRelease(group, target);
  if (error !== 0) group.kernel.warn('__iommu_group_set_core_domain');
}
