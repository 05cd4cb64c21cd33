/**
 * A kernel driver may use the group's DMA where the group is on its default domain and nobody owns it.
 * From 6.7 on. `@kernel iommu_device_use_default_domain` (read in 6.12)
 */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';

/** Precondition: group.mutex is held. EPROBE_DEFER: no default domain yet. EBUSY: owned, or another domain is on it. */
export function* useDefaultSameDomain(group: IommuGroup): Op<0 | Errno> {
  const defaultDomain = yield* group.defaultDomain.load();
  if (defaultDomain === null) return 'EPROBE_DEFER';
  const count = yield* group.ownerCount.load();
  if (count > 0) {
    const owned = (yield* group.owner.load()) !== null;
    if (owned || (yield* group.domain.load()) !== defaultDomain) return 'EBUSY';
  }
  yield* group.ownerCount.store(count + 1);
  return 0;
}
