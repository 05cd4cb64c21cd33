/**
 * Two designs with a port for hardware page tables, for tests alone: today's calls (a domain by device, a replace that
 * goes straight from old to new), and the device style's (detach, then attach).
 */
import { iommuAttachDevice, iommuDetachDevice } from '@iommu-lab/api-device';
import { iommuGroupReplaceDomain } from '@iommu-lab/api-group';
import type { Op } from '@iommu-lab/explorer';
import {
  type Capability,
  type Device,
  type DmaOwner,
  deviceIommuCapable,
  type Errno,
  type HwptPort,
  type IommuDomain,
  iommuAttachGroup,
  iommuDetachGroup,
  iommuGroupReleaseDmaOwner,
  iommuPagingDomainAlloc,
  type MoveFailure,
  type OwnershipPort,
  type Target,
} from '@iommu-lab/kernel';

/** A claim for each device: the same owner may claim again. `@kernel iommu_device_claim_dma_owner` */
export const byDevice: OwnershipPort = {
  *claim({ group }: Target, owner: DmaOwner): Op<0 | Errno> {
    yield* group.mutex.lock();
    const count = yield* group.ownerCount.load();
    const again = count > 0 && (yield* group.owner.load()) === owner;
    if (again) yield* group.ownerCount.store(count + 1);
    const error = again ? 0 : yield* group.kernel.era.claim(group, owner);
    yield* group.mutex.unlock();
    return error;
  },

  *release({ group }: Target): Op<void> {
    yield* group.mutex.lock();
    const count = yield* group.ownerCount.load();
    if (count > 1) yield* group.ownerCount.store(count - 1);
    yield* group.mutex.unlock();
    if (count === 1) yield* iommuGroupReleaseDmaOwner(group);
  },
};

function* begin({ device }: Target): Op<Device | Errno> {
  return device ?? 'ENODEV';
}

function* capable(device: Device, _domain: IommuDomain | null, capability: Capability): Op<boolean> {
  return yield* deviceIommuCapable(device, capability);
}

function* alloc(device: Device): Op<IommuDomain | Errno> {
  return yield* iommuPagingDomainAlloc(device);
}

function* end(): Op<void> {}

export const today: HwptPort<Device> = {
  begin,
  capable,
  alloc,

  *attach(device: Device, domain: IommuDomain): Op<0 | Errno> {
    const group = yield* device.group.load();
    return group === null ? 'ENODEV' : yield* iommuAttachGroup(domain, group);
  },

  *replace(device: Device, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure> {
    const group = yield* device.group.load();
    const error = group === null ? 'ENODEV' : yield* iommuGroupReplaceDomain(group, to);
    return error === 0 ? 0 : { errno: error, nowOn: from };
  },

  end,

  *detach({ group }: Target, domain: IommuDomain): Op<void> {
    yield* iommuDetachGroup(domain, group);
  },
};

export const detachThenAttach: HwptPort<Device> = {
  begin,
  capable,
  alloc,

  *attach(device: Device, domain: IommuDomain): Op<0 | Errno> {
    return yield* iommuAttachDevice(domain, device);
  },

  *replace(device: Device, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure> {
    yield* iommuDetachDevice(from, device);
    const error = yield* iommuAttachDevice(to, device);
    if (error === 0) return 0;
    const back = yield* iommuAttachDevice(from, device);
    return back === 0 ? { errno: error, nowOn: from } : { errno: back, nowOn: null };
  },

  end,

  *detach({ device }: Target, domain: IommuDomain): Op<void> {
    if (device !== null) yield* iommuDetachDevice(domain, device);
  },
};
