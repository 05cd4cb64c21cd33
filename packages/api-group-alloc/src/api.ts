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
  deviceIommuCapable,
  iommuAttachGroup,
  iommuDetachGroup,
  iommuDomainAlloc,
  iommuDomainCapable,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupForEachDev,
  iommuGroupReleaseDmaOwner,
  iommuPagingDomainAlloc,
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

/**
 * Whether the IOMMU of every member has the capability, or of any. False for an empty group.
 * `iommu_group_has_isolated_msi`, generalised
 */
export const iommuGroupCapable = kernelFunction(
  'iommu_group_capable',
  function* iommuGroupCapable(
    group: IommuGroup,
    capability: Capability,
    members: 'all' | 'any',
  ): Op<boolean> {
    yield* group.mutex.lock();
    const answers = yield* answersLocked(group, capability);
    yield* group.mutex.unlock();
    return members === 'any' ? answers.includes(true) : answers.length > 0 && !answers.includes(false);
  },
);

/** Precondition: group.mutex is held, so that neither the member nor its IOMMU can go away. */
function* allocLocked(group: IommuGroup): Op<IommuDomain | Errno> {
  const [first] = yield* group.devices.load();
  const instance = first === undefined ? null : yield* first.iommu.load();
  if (first === undefined || instance === null) return 'ENODEV';
  return yield* allocPaging(instance, first);
}

/** Each member's answer. Precondition as above. */
function* answersLocked(group: IommuGroup, capability: Capability): Op<boolean[]> {
  const answers: boolean[] = [];
  for (const device of yield* group.devices.load()) {
    const instance = yield* device.iommu.load();
    answers.push(instance !== null && (yield* instance.driver.capable(instance, device, capability)));
  }
  return answers;
}
