/**
 * The group style: a group is attached, detached and moved as a whole; domains and capabilities come from its bus.
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import {
  attachGroupLocked,
  type Errno,
  type IommuDomain,
  type IommuGroup,
  setCoreDomain,
  setGroupDomain,
} from '@iommu-lab/kernel';

export {
  iommuAttachGroup,
  iommuCapable,
  iommuDetachGroup,
  iommuDomainAlloc,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupForEachDev,
  iommuGroupReleaseDmaOwner,
} from '@iommu-lab/kernel';

/**
 * Moves the group straight from its present domain to `domain`; on an error every member is on the old one again.
 * Nobody asks for an owner, and the present domain may be any. EINVAL: the domain is another driver's.
 * ENODEV: the group is empty. `@kernel iommu_group_replace_domain` (6.6 to 6.14)
 */
export const iommuGroupReplaceDomain = kernelFunction(
  'iommu_group_replace_domain',
  function* iommuGroupReplaceDomain(group: IommuGroup, domain: IommuDomain): Op<0 | Errno> {
    yield* group.mutex.lock();
    const error = yield* setGroupDomain(domain, group);
    yield* group.mutex.unlock();
    return error;
  },
);

/**
 * Takes an owned group off `old` and puts it on `to`, in one critical section; null stands for no domain of a caller's,
 * which is where the core keeps a group that is owned and not attached. A detach and an attach: DMA is not translated in
 * between. After a failure of the attach `old` is attached again, and whether that worked is not said.
 * EPERM: nobody owns the group, where groups have owners, or it is not on `old`. Otherwise the errors of attaching a group.
 * `@kernel iommu_group_replace_domain` of the series of January 2022; the model's name tells it from the merged one
 */
export const iommuGroupReplaceDomainV1 = kernelFunction(
  'iommu_group_replace_domain_v1',
  function* iommuGroupReplaceDomainV1(
    group: IommuGroup,
    old: IommuDomain | null,
    to: IommuDomain | null,
  ): Op<0 | Errno> {
    yield* group.mutex.lock();
    const error = yield* replaceLocked(group, old, to);
    yield* group.mutex.unlock();
    return error;
  },
);

/** Precondition: group.mutex is held. */
function* replaceLocked(group: IommuGroup, old: IommuDomain | null, to: IommuDomain | null): Op<0 | Errno> {
  const refused = yield* group.kernel.era.requireOwner(group);
  if (refused !== 0) return refused;
  if ((yield* callersDomain(group)) !== old) return 'EPERM';
  if (old !== null) yield* setCoreDomain(group);
  if (to === null) return 0;
  const error = yield* attachGroupLocked(to, group);
  if (error !== 0 && old !== null) yield* attachGroupLocked(old, group);
  return error;
}

/** The domain that a caller has put the group on. Null: nothing, or one of the core's own. */
function* callersDomain(group: IommuGroup): Op<IommuDomain | null> {
  const current = yield* group.domain.load();
  const defaultDomain = yield* group.defaultDomain.load();
  const blockingDomain = yield* group.blockingDomain.load();
  return current === defaultDomain || current === blockingDomain ? null : current;
}
