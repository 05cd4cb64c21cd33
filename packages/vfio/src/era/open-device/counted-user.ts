/**
 * An open device file is one more user of its group's container, and no lock of the group orders that. Up to 5.18.
 * `@kernel vfio_group_get_device_fd`, `vfio_device_fops_release` (read in 5.16)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { attachWithDevice, detachWithDevice } from '../../container/attach-time';
import { getDriverModule, putDriverModule } from '../../device/first-open';
import type { VfioDevice } from '../../device/vfio-device';
import { dropUser } from '../../group/without-lock/container';
import { unlocked } from '../../group/without-lock/unlocked-group';

/** ENODEV: the driver's module is being unloaded. Otherwise the errors of an attach with the device, and the driver's own. */
export const openCountedUser = kernelFunction(
  'vfio_pci_open',
  function* openCountedUser(device: VfioDevice): Op<0 | Errno> {
    const { group, deviceSet } = device;
    const container = yield* group.container.load();
    if (container === null) return 'EINVAL';
    const unloading = yield* getDriverModule(group);
    if (unloading !== 0) return unloading;
    const first = (yield* unlocked(group).users.load()) === 1;
    let error = first ? yield* attachWithDevice(device, container) : 0;
    if (error === 0) {
      yield* deviceSet.lock.lock();
      const count = yield* device.openCount.load();
      error = count === 0 ? yield* device.open() : 0;
      if (error === 0) yield* device.openCount.store(count + 1);
      yield* deviceSet.lock.unlock();
      if (error !== 0 && first) yield* detachWithDevice(device, container);
    }
    if (error === 0) yield* unlocked(group).users.add(1);
    else yield* putDriverModule(group);
    return error;
  },
);

export const closeCountedUser = kernelFunction(
  'vfio_pci_release',
  function* closeCountedUser(device: VfioDevice): Op<void> {
    const { group, deviceSet } = device;
    yield* deviceSet.lock.lock();
    const count = yield* device.openCount.load();
    if (count === 1) yield* device.close();
    yield* device.openCount.store(count - 1);
    yield* deviceSet.lock.unlock();
    yield* putDriverModule(group);
    const container = yield* group.container.load();
    const last = (yield* unlocked(group).users.load()) <= 2;
    if (last && container !== null) yield* detachWithDevice(device, container);
    yield* dropUser(unlocked(group));
  },
);
