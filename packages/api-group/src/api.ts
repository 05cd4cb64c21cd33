/**
 * The group style: a group is attached, detached and moved as a whole; domains and capabilities come from its bus.
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, type IommuDomain, type IommuGroup, setGroupDomain } from '@iommu-lab/kernel';

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
