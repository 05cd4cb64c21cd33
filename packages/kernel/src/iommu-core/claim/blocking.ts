/**
 * Claiming a group's DMA moves it to a domain that blocks everything, made at the first claim.
 * From 5.19 on. `@kernel iommu_group_claim_dma_owner`, `__iommu_take_dma_ownership` (read in 6.1 and 6.12)
 */
import type { Op } from '@iommu-lab/explorer';
import type { DmaOwner } from '../../contract';
import type { IommuDomain } from '../../domain';
import { type Errno, isErrno } from '../../errno';
import type { IommuGroup } from '../../group';
import { allocPaging } from '../driver-call';

/**
 * Precondition: group.mutex is held. EPERM: somebody uses or owns the group's DMA. EBUSY: another domain is on it.
 * EINVAL, ENOMEM: no blocking domain could be made. Otherwise the errors of setDomain.
 */
export function* claimBlocking(group: IommuGroup, owner: DmaOwner): Op<0 | Errno> {
  if ((yield* group.ownerCount.load()) !== 0) return 'EPERM';
  const current = yield* group.domain.load();
  if (current !== null && current !== (yield* group.defaultDomain.load())) return 'EBUSY';
  const blocking = yield* blockingDomain(group);
  if (isErrno(blocking)) return blocking;
  const error = yield* group.kernel.era.setDomainForClaim(group, blocking);
  if (error !== 0) return error;
  yield* group.owner.store(owner);
  yield* group.ownerCount.store(1);
  return 0;
}

/** The group's blocking domain: the driver's static one, or an empty paging domain. `@kernel __iommu_group_alloc_blocking_domain` */
function* blockingDomain(group: IommuGroup): Op<IommuDomain | Errno> {
  const existing = yield* group.blockingDomain.load();
  if (existing !== null) return existing;
  const [first] = yield* group.devices.load();
  const instance = first === undefined ? null : yield* first.iommu.load();
  if (first === undefined || instance === null) return 'EINVAL';
  const made = instance.driver.blockedDomain(instance) ?? (yield* allocPaging(instance, first));
  if (isErrno(made)) return made;
  yield* group.blockingDomain.store(made);
  return made;
}
