/**
 * Claiming a group's DMA takes it off its default domain and leaves it on none: there is no blocking domain yet. A claim
 * counts, and ends with the last release. The tree of February 2022, never released.
 * `@kernel iommu_group_set_dma_owner`, `iommu_group_release_dma_owner` (read in the patches)
 */
import type { Op } from '@iommu-lab/explorer';
import type { DmaOwner } from '../../contract';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';
import { detachAll } from '../core-domain/null-while-owned';

/**
 * Precondition: group.mutex is held. The same owner again: one claim more. EPERM: another owner, or a kernel driver uses
 * the default domain. EBUSY: another domain is attached.
 */
export function* claimDetachToNull(group: IommuGroup, owner: DmaOwner): Op<0 | Errno> {
  const count = yield* group.ownerCount.load();
  if (count > 0 && (yield* group.owner.load()) !== owner) return 'EPERM';
  if (count === 0) {
    const current = yield* group.domain.load();
    if (current !== null && current !== (yield* group.defaultDomain.load())) return 'EBUSY';
    yield* detachAll(group);
    yield* group.owner.store(owner);
  }
  yield* group.ownerCount.store(count + 1);
  return 0;
}

/**
 * Precondition: group.mutex is held. The last release attaches the default domain, unless a domain is still attached:
 * that stays, and is a warning. A group that nobody owns: a warning and nothing else.
 */
export function* releaseCounted(group: IommuGroup): Op<void> {
  const count = yield* group.ownerCount.load();
  if (count === 0 || (yield* group.owner.load()) === null) {
    group.kernel.warn('iommu_group_release_dma_owner');
    return;
  }
  yield* group.ownerCount.store(count - 1);
  if (count > 1) return;
  yield* group.owner.store(null);
  if ((yield* group.domain.load()) !== null) {
    group.kernel.warn('iommu_group_release_dma_owner');
    return;
  }
  const defaultDomain = yield* group.defaultDomain.load();
  if (defaultDomain === null) return;
  const error = yield* group.kernel.era.setDomainForRelease(group, defaultDomain);
  if (error !== 0) group.kernel.warn('iommu_group_release_dma_owner');
}
