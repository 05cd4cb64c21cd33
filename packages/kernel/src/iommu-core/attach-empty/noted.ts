/**
 * A group without a member takes any domain: nothing is attached, and the domain is noted. Up to 6.7.
 * `@kernel __iommu_attach_group` (read in 5.16)
 */
import type { Op } from '@iommu-lab/explorer';
import type { IommuDomain } from '../../domain';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';

/** Precondition: group.mutex is held, the group has no member. */
export function* attachEmptyNoted(group: IommuGroup, domain: IommuDomain): Op<0 | Errno> {
  yield* group.domain.store(domain);
  return 0;
}
