/**
 * `group/replace`: the replace merged for Linux 6.6, used by type1. The domain is allocated by the group's bus, a
 * move goes directly from the old domain to the new one.
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
  iommuGroupReplaceDomain,
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
    const error = yield* iommuGroupReplaceDomain(group, to);
    return error === 0 ? 0 : { errno: error, nowOn: from };
  },

  *end(_handle: Handle): Op<void> {},

  *detach(target: Target, detached: IommuDomain): Op<void> {
    yield* iommuDetachGroup(detached, target.group);
  },
};

export const replace: Variant = {
  id: 'group/replace',
  title: 'Group interface with replace; the domain comes from the bus',
  eras: ['6.6', '6.12'],
  defaultEra: '6.12',
  supports: ['direct-replace'],
  ports: { ownership, domain },
  preconditions: [
    'The bus of the members stays registered from begin to end: its pointer leaves the lock under which it was read.',
    'The caller keeps the group from emptying between allocation and attach.',
    'One IOMMU driver serves all devices of the bus.',
  ],
  sources: [
    'Lu Baolu, [PATCH 0/7] iommu: Add iommu_group_replace_domain(), January 2022 (the idea)',
    'Linux 6.6, addb665924f3 (the merged form); iommufd was its user, type1 over it is counterfactual',
    'Linux 6.15, 473ec072a633 (removed again)',
  ],
};
