/**
 * Each open uses the container and takes the module; the group's lock is taken twice, the second time inside the
 * device set's. 6.1. `@kernel vfio_device_open`, `vfio_device_assign_container` (read in 6.1)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { getDriverModule, putDriverModule, unuseContainer, useContainer } from '../../device/first-open';
import type { VfioDevice } from '../../device/vfio-device';

/** Order of errors: no container or backend EINVAL; module ENODEV; the driver's own. */
export const openGroupLockInside = kernelFunction(
  'vfio_device_open',
  function* openGroupLockInside(device: VfioDevice): Op<0 | Errno> {
    const { group, deviceSet } = device;
    yield* group.groupLock.lock();
    const unused = yield* useContainer(device);
    yield* group.groupLock.unlock();
    if (unused !== 0) return unused;
    const unloading = yield* getDriverModule(group);
    if (unloading !== 0) {
      yield* unassign(device);
      return unloading;
    }
    yield* deviceSet.lock.lock();
    const count = yield* device.openCount.load();
    const error = count === 0 ? yield* firstOpen(device) : 0;
    if (error === 0) yield* device.openCount.store(count + 1);
    yield* deviceSet.lock.unlock();
    if (error === 0) return 0;
    yield* putDriverModule(group);
    yield* unassign(device);
    return error;
  },
);

/** Precondition: the device set's lock is held. */
function* firstOpen(device: VfioDevice): Op<0 | Errno> {
  yield* device.group.groupLock.lock();
  const error = yield* device.open();
  yield* device.group.groupLock.unlock();
  return error;
}

/** `@kernel vfio_device_unassign_container` */
function* unassign(device: VfioDevice): Op<void> {
  const { group } = device;
  yield* group.groupLock.lock();
  yield* unuseContainer(device);
  yield* group.groupLock.unlock();
}

/** `@kernel vfio_device_fops_release` */
export const closeGroupLockInside = kernelFunction(
  'vfio_device_close',
  function* closeGroupLockInside(device: VfioDevice): Op<void> {
    const { group, deviceSet } = device;
    yield* deviceSet.lock.lock();
    const count = yield* device.openCount.load();
    yield* group.groupLock.lock();
    if (count === 1) yield* device.close();
    yield* group.groupLock.unlock();
    yield* device.openCount.store(count - 1);
    yield* deviceSet.lock.unlock();
    yield* putDriverModule(group);
    yield* unassign(device);
  },
);
