/**
 * `group-alloc/one-step`: the core allocates from the group and attaches it in one critical section: nobody can
 * become or cease to be a member in between.
 */
import type { Op } from '@iommu-lab/explorer';
import type {
  Capability,
  DmaOwner,
  DomainPort,
  Errno,
  IommuDomain,
  IommuGroup,
  MoveFailure,
  Need,
  OwnershipPort,
  Target,
  Variant,
} from '@iommu-lab/kernel';
import {
  iommuAttachGroup,
  iommuDetachGroup,
  iommuGroupAllocAndAttach,
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
    return yield* iommuGroupAllocAndAttach(group);
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

export const oneStep: Variant = {
  id: 'group-alloc/one-step',
  title: 'Allocate from the group and attach in one critical section',
  eras: ['6.1', '6.12'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: [],
  sources: ['This project: the form of iommu_group_alloc_domain() that leaves no window'],
};
