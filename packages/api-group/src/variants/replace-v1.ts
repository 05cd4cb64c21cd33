/**
 * `group/replace-v1`: the replace of the series of January 2022. It takes an owned group from a named old domain to a new
 * one, null standing for none, and is all that VFIO uses: to attach, to share and to detach. The domain comes from the bus.
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
  iommuCapable,
  iommuDomainAlloc,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupForEachDev,
  iommuGroupReleaseDmaOwner,
  iommuGroupReplaceDomainV1,
} from '../api';
import differs from './replace-v1.differs.json';

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
    const error = yield* iommuGroupReplaceDomainV1(group, null, made);
    if (error === 0) return made;
    yield* iommuDomainFree(made);
    return error;
  },

  *move({ group }: Handle, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure> {
    const error = yield* iommuGroupReplaceDomainV1(group, from, to);
    // As VFIO took it: whether the way back has worked is not asked.
    return error === 0 ? 0 : { errno: error, nowOn: from };
  },

  *end(_handle: Handle): Op<void> {},

  *detach(target: Target, detached: IommuDomain): Op<void> {
    yield* iommuGroupReplaceDomainV1(target.group, detached, null);
  },
};

export const replaceV1: Variant = {
  id: 'group/replace-v1',
  title: 'Replace of January 2022: a locked detach and attach of an owned group',
  eras: ['2022-02'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: [
    'The bus of the members stays registered from begin to end: its pointer leaves the lock under which it was read.',
    'The caller keeps the group from emptying between allocation and attach.',
    'One IOMMU driver serves all devices of the bus.',
    'The caller owns the group whenever it attaches, moves or detaches it.',
    'The way back of a failed move does not fail: nobody looks whether it did.',
  ],
  differs,
  sources: [
    'Lu Baolu, [PATCH 1/8] iommu: Add iommu_group_replace_domain(), January 2022',
    'Lu Baolu, [PATCH 2/8] vfio/type1: Use iommu_group_replace_domain(), January 2022',
    'Jason Gunthorpe, January and February 2022: what is the group on when the unwind fails?',
  ],
};
