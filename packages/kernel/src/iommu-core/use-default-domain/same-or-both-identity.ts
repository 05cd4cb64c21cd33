/**
 * As `same-domain`, but an identity domain counts as the default domain where that is identity too.
 * 5.19.9, 6.0 to 6.6. `@kernel iommu_device_use_default_domain`, `iommu_is_default_domain` (read in 6.1)
 */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';

/** Precondition: group.mutex is held. EBUSY: owned, or another domain is on it. */
export function* useDefaultSameOrBothIdentity(group: IommuGroup): Op<0 | Errno> {
  const count = yield* group.ownerCount.load();
  if (count > 0) {
    const owned = (yield* group.owner.load()) !== null;
    const current = yield* group.domain.load();
    const defaultDomain = yield* group.defaultDomain.load();
    const bothIdentity = current?.type === 'IDENTITY' && defaultDomain?.type === 'IDENTITY';
    if (owned || (current !== defaultDomain && !bothIdentity)) return 'EBUSY';
  }
  yield* group.ownerCount.store(count + 1);
  return 0;
}
