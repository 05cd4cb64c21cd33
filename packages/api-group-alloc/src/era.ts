/**
 * What type1's callbacks in the group iterator ask, kernel by kernel. Read in 6.1 and 6.12; before 6.0 type1 had no such
 * callbacks, and those of 6.0 stand for what it would have had.
 */
import type { Op } from '@iommu-lab/explorer';
import {
  type Capability,
  type Device,
  deviceIommuCapable,
  type EraId,
  type Errno,
  type IommuDomain,
  type IommuGroup,
  iommuDomainAlloc,
  iommuGroupForEachDev,
  iommuPagingDomainAlloc,
} from '@iommu-lab/kernel';
import { iommuGroupCapable } from './api';

export interface IteratorEra {
  /** A domain for a member, called with the group's lock held. */
  domainFor(device: Device): Op<IommuDomain | Errno>;
  /** What there is where the group had no member to ask. */
  readonly ofNoMember: Errno;
  capable(group: IommuGroup, capability: Capability): Op<boolean>;
}

/** Asks the member's bus. EIO for every failure. `@kernel vfio_iommu_domain_alloc` (6.0 to 6.10) */
function* domainByBus(device: Device): Op<IommuDomain | Errno> {
  return (yield* iommuDomainAlloc(device.bus)) ?? 'EIO';
}

/** Asks the member itself. ENODEV, ENOMEM. `@kernel vfio_iommu_domain_alloc` (from 6.11 on) */
function* domainByDevice(device: Device): Op<IommuDomain | Errno> {
  return yield* iommuPagingDomainAlloc(device);
}

/** The first member that has it answers for all. `@kernel vfio_iommu_device_capable` (6.0 to 6.2) */
function* capableFirst(group: IommuGroup, capability: Capability): Op<boolean> {
  const found = yield* iommuGroupForEachDev(group, function* ask(device) {
    return (yield* deviceIommuCapable(device, capability)) ? 1 : 0;
  });
  return found !== 0;
}

/** Every member must have it. `@kernel iommu_group_has_isolated_msi` (from 6.3 on) */
function* capableAll(group: IommuGroup, capability: Capability): Op<boolean> {
  return yield* iommuGroupCapable(group, capability, 'all');
}

const BUS_AND_FIRST: IteratorEra = { domainFor: domainByBus, ofNoMember: 'EIO', capable: capableFirst };
const BUS_AND_ALL: IteratorEra = { domainFor: domainByBus, ofNoMember: 'EIO', capable: capableAll };
const DEVICE_AND_ALL: IteratorEra = {
  domainFor: domainByDevice,
  ofNoMember: 'ENODEV',
  capable: capableAll,
};

const ERAS: Readonly<Record<EraId, IteratorEra>> = {
  '5.10': BUS_AND_FIRST,
  '2022-02': BUS_AND_FIRST,
  '5.19': BUS_AND_FIRST,
  '6.1': BUS_AND_FIRST,
  '6.6': BUS_AND_ALL,
  '6.12': DEVICE_AND_ALL,
  '7.2': DEVICE_AND_ALL,
};

/** The callbacks of the kernel that runs. */
export function iteratorEra({ kernel }: IommuGroup): IteratorEra {
  return ERAS[kernel.era.id];
}
