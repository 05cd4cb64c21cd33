/**
 * The group-alloc style: a domain is allocated from the group, and the core finds a device under the group's lock.
 * No pointer to a device or a bus leaves that lock.
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import {
  allocPaging,
  attachGroupLocked,
  type Capability,
  type Errno,
  type IommuDomain,
  type IommuGroup,
  iommuDomainFree,
  isErrno,
} from '@iommu-lab/kernel';

export {
  iommuAttachGroup,
  iommuDetachGroup,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupReleaseDmaOwner,
} from '@iommu-lab/kernel';

/**
 * A domain for the group. ENODEV: the group is empty or its members have no IOMMU. ENOMEM.
 * The group's lock is released before it returns: who is a member may change before the domain is attached.
 * `iommu_group_alloc_domain` of the thread, 14 February 2022
 */
export const iommuGroupAllocDomain = kernelFunction(
  'iommu_group_alloc_domain',
  function* iommuGroupAllocDomain(group: IommuGroup): Op<IommuDomain | Errno> {
    yield* group.mutex.lock();
    const made = yield* allocLocked(group);
    yield* group.mutex.unlock();
    return made;
  },
);

/**
 * A domain for the group, attached to it before anybody else can take the group's lock.
 * ENODEV, ENOMEM as above; EBUSY, EINVAL as attaching the group; nothing is left over then.
 */
export const iommuGroupAllocAndAttach = kernelFunction(
  'iommu_group_alloc_and_attach',
  function* iommuGroupAllocAndAttach(group: IommuGroup): Op<IommuDomain | Errno> {
    yield* group.mutex.lock();
    const made = yield* allocLocked(group);
    const error = isErrno(made) ? made : yield* attachGroupLocked(made, group);
    yield* group.mutex.unlock();
    if (error === 0 || isErrno(made)) return made;
    yield* iommuDomainFree(made);
    return error;
  },
);

/** Whether every member's IOMMU has the capability. False for an empty group. `iommu_group_has_isolated_msi`, generalised */
export const iommuGroupCapable = kernelFunction(
  'iommu_group_capable',
  function* iommuGroupCapable(group: IommuGroup, capability: Capability): Op<boolean> {
    yield* group.mutex.lock();
    const capable = yield* capableLocked(group, capability);
    yield* group.mutex.unlock();
    return capable;
  },
);

/** Precondition: group.mutex is held, so that neither the member nor its IOMMU can go away. */
function* allocLocked(group: IommuGroup): Op<IommuDomain | Errno> {
  const [first] = yield* group.devices.load();
  const instance = first === undefined ? null : yield* first.iommu.load();
  if (first === undefined || instance === null) return 'ENODEV';
  return yield* allocPaging(instance, first);
}

function* capableLocked(group: IommuGroup, capability: Capability): Op<boolean> {
  const devices = yield* group.devices.load();
  for (const device of devices) {
    const instance = yield* device.iommu.load();
    if (instance === null || !(yield* instance.driver.capable(instance, device, capability))) return false;
  }
  return devices.length > 0;
}
