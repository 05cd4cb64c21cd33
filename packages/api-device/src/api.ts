/**
 * The device style: entry points take a device and act on its whole group. Callable only while something keeps the
 * device from being removed; then its group is stable and needs no reference.
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import {
  attachGroupLocked,
  type Device,
  type Errno,
  type IommuDomain,
  setCoreDomain,
} from '@iommu-lab/kernel';

export {
  deviceGet,
  deviceIommuCapable,
  devicePut,
  iommuDetachGroup,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupForEachDev,
  iommuGroupReleaseDmaOwner,
  iommuPagingDomainAlloc,
} from '@iommu-lab/kernel';

/**
 * Attaches the device's whole group. ENODEV: the device has no group. Otherwise as attaching the group.
 * `@kernel iommu_attach_device` in the form of the series of January 2022, without its attach count
 */
export const iommuAttachDevice = kernelFunction(
  'iommu_attach_device',
  function* iommuAttachDevice(domain: IommuDomain, device: Device): Op<0 | Errno> {
    const group = yield* device.group.load();
    if (group === null) return 'ENODEV';
    yield* group.mutex.lock();
    const error = yield* attachGroupLocked(domain, group);
    yield* group.mutex.unlock();
    return error;
  },
);

/** Takes the device's whole group off its domain. A device without a group is left alone. `@kernel iommu_detach_device` */
export const iommuDetachDevice = kernelFunction(
  'iommu_detach_device',
  function* iommuDetachDevice(_domain: IommuDomain, device: Device): Op<void> {
    const group = yield* device.group.load();
    if (group === null) return;
    yield* group.mutex.lock();
    yield* setCoreDomain(group);
    yield* group.mutex.unlock();
  },
);
