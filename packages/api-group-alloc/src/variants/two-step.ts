/**
 * `group-alloc/two-step`: the core allocates from the group, then VFIO attaches. Two critical sections: who is a
 * member may change between them.
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
  iommuDomainFree,
  iommuGroupAllocDomain,
  iommuGroupCapable,
  iommuGroupClaimDmaOwner,
  iommuGroupReleaseDmaOwner,
} from '../api';

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

  *capable({ group }: Handle, _domain: IommuDomain | null, capability: Capability): Op<boolean> {
    return yield* iommuGroupCapable(group, capability, 'all');
  },

  *attachNew({ group }: Handle, _need: Need): Op<IommuDomain | Errno> {
    const made = yield* iommuGroupAllocDomain(group);
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

export const twoStep: Variant = {
  id: 'group-alloc/two-step',
  title: 'Allocate from the group, then attach: two critical sections',
  eras: ['6.1', '6.12'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: ['The caller keeps the group from emptying between allocation and attach.'],
  sources: ['Jason Gunthorpe, 14 February 2022: iommu_group_alloc_domain()'],
};
