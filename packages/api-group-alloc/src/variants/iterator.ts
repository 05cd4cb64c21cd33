/**
 * `group-alloc/iterator`: VFIO allocates inside the group iterator, under the group's lock, then attaches. Two critical
 * sections. What the callback asks, the member's bus or the member, is the kernel's.
 */
import type { Op } from '@iommu-lab/explorer';
import {
  type Capability,
  type DmaOwner,
  type DomainPort,
  type Errno,
  type IommuDomain,
  type IommuGroup,
  isErrno,
  type MoveFailure,
  type Need,
  type OwnershipPort,
  type Target,
  type Variant,
} from '@iommu-lab/kernel';
import {
  iommuAttachGroup,
  iommuDetachGroup,
  iommuDomainCapable,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupForEachDev,
  iommuGroupReleaseDmaOwner,
} from '../api';
import { iteratorEra } from '../era';

/** What is held from begin to end: the group. Devices are found anew under its lock each time. */
interface Handle {
  readonly group: IommuGroup;
}

const ownership: OwnershipPort = {
  *claim(target: Target, owner: DmaOwner): Op<0 | Errno> {
    return yield* iommuGroupClaimDmaOwner(target.group, owner);
  },

  *release(target: Target): Op<void> {
    yield* iommuGroupReleaseDmaOwner(target.group);
  },
};

const domain: DomainPort<Handle> = {
  attachTime: 'container',

  *begin({ group }: Target): Op<Handle | Errno> {
    return { group };
  },

  *capable({ group }: Handle, domain: IommuDomain | null, capability: Capability): Op<boolean> {
    if (domain !== null && capability === 'enforce-cache-coherency') {
      return yield* iommuDomainCapable(domain, capability);
    }
    return yield* iteratorEra(group).capable(group, capability);
  },

  *attachNew({ group }: Handle, _need: Need): Op<IommuDomain | Errno> {
    const era = iteratorEra(group);
    const allocated: (IommuDomain | Errno)[] = [];
    yield* iommuGroupForEachDev(group, function* allocate(device) {
      allocated.push(yield* era.domainFor(device));
      return 1;
    });
    const [made = era.ofNoMember] = allocated;
    if (isErrno(made)) return made;
    const error = yield* iommuAttachGroup(made, group);
    if (error === 0) return made;
    yield* iommuDomainFree(made);
    return error;
  },

  *move({ group }: Handle, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure> {
    yield* iommuDetachGroup(from, group);
    const error = yield* iommuAttachGroup(to, group);
    if (error === 0) return 0;
    const back = yield* iommuAttachGroup(from, group);
    return back === 0 ? { errno: error, nowOn: from } : { errno: back, nowOn: null };
  },

  *end(_handle: Handle): Op<void> {},

  *detach(target: Target, detached: IommuDomain): Op<void> {
    yield* iommuDetachGroup(detached, target.group);
  },
};

export const iterator: Variant = {
  id: 'group-alloc/iterator',
  title: 'Allocate inside the group iterator, then attach, as Linux does',
  eras: ['6.1', '6.6', '6.12', '7.2'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: [
    'The caller keeps the group from emptying between allocation and attach.',
    "What the callback calls takes neither the group's lock nor that of a device.",
    'Before 6.11: one IOMMU driver serves all devices of the bus.',
  ],
  sources: [
    'Robin Murphy, [PATCH v3] vfio/type1: Simplify bus_type determination, June 2022: Linux 6.0, eed20c782aea',
    'Linux 6.11: iommu_paging_domain_alloc() in the callback',
    'Linux 6.3: iommu_group_has_isolated_msi() asks all members',
  ],
};
