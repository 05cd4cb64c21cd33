/**
 * `group/attach`: the group interface as VFIO used it until 2022. The domain is allocated by the group's bus, a move is
 * a detach and an attach, each a critical section of its own.
 */
import type { Op } from '@iommu-lab/explorer';
import type {
  Bus,
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
  iommuCapable,
  iommuDetachGroup,
  iommuDomainAlloc,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupForEachDev,
  iommuGroupReleaseDmaOwner,
} from '../api';

/** What is held from begin to end: the group, and the bus that its members were on when begin looked. */
interface Handle {
  readonly group: IommuGroup;
  readonly bus: Bus;
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

  *begin(target: Target): Op<Handle | Errno> {
    const buses: Bus[] = [];
    const mixed = yield* iommuGroupForEachDev(target.group, function* takeBus(device) {
      if (!buses.includes(device.bus)) buses.push(device.bus);
      return buses.length > 1 ? 1 : 0;
    });
    const [bus] = buses;
    if (mixed !== 0) return 'EINVAL';
    return bus === undefined ? 'EIO' : { group: target.group, bus };
  },

  *capable({ bus }: Handle, _domain: IommuDomain | null, capability: Capability): Op<boolean> {
    return yield* iommuCapable(bus, capability);
  },

  *attachNew({ group, bus }: Handle, _need: Need): Op<IommuDomain | Errno> {
    const made = yield* iommuDomainAlloc(bus);
    if (made === null) return 'EIO';
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

export const attach: Variant = {
  id: 'group/attach',
  title: 'Group interface of attach and detach; the domain comes from the bus',
  eras: ['5.10', '2022-02', '5.19'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: [
    'The bus of the members stays registered from begin to end: its pointer leaves the lock under which it was read.',
    'The caller keeps the group from emptying between allocation and attach.',
    'One IOMMU driver serves all devices of the bus.',
    'Nobody attaches the group between a detach and the attach that follows it: no lock is held over both.',
  ],
  sources: [
    'Linux 3.6 to 5.19: vfio_iommu_type1_attach_group() with iommu_domain_alloc(bus) and iommu_capable(bus)',
    'Joerg Roedel, 14 February 2022: keep iommu_attach_group(), scrap iommu_attach_device()',
  ],
};
