/** The driver core's side of ownership: a driver that uses the DMA API counts as a user of the default domain. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../../device';
import type { Errno } from '../../errno';

/** Before probe, with the device's mutex held. EBUSY: user space owns the group. `@kernel iommu_device_use_default_domain` */
export const iommuDeviceUseDefaultDomain = kernelFunction(
  'iommu_device_use_default_domain',
  function* iommuDeviceUseDefaultDomain(device: Device): Op<0 | Errno> {
    const group = yield* device.group.load();
    if (group === null) return 0;
    yield* group.mutex.lock();
    const error = yield* group.kernel.era.useDefaultDomain(group);
    yield* group.mutex.unlock();
    return error;
  },
);

/** After remove. `@kernel iommu_device_unuse_default_domain` */
export const iommuDeviceUnuseDefaultDomain = kernelFunction(
  'iommu_device_unuse_default_domain',
  function* iommuDeviceUnuseDefaultDomain(device: Device): Op<void> {
    const group = yield* device.group.load();
    if (group === null) return;
    yield* group.mutex.lock();
    const count = yield* group.ownerCount.load();
    if (count === 0) group.kernel.warn('iommu_device_unuse_default_domain');
    else yield* group.ownerCount.store(count - 1);
    yield* group.mutex.unlock();
  },
);
