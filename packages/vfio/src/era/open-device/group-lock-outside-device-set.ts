/**
 * The group's lock is taken before the device set's and held over the whole open. Only the first open uses the
 * container and takes the module. From 6.2 on. `@kernel vfio_df_group_open`, `vfio_df_open` (read in 6.12)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { getDriverModule, putDriverModule, unuseContainer, useContainer } from '../../device/first-open';
import type { VfioDevice } from '../../device/vfio-device';

/** Order of errors: no container EINVAL; module ENODEV; no backend EINVAL; the driver's own. */
export const openGroupLockOutside = kernelFunction(
  'vfio_df_group_open',
  function* openGroupLockOutside(device: VfioDevice): Op<0 | Errno> {
    const { group, deviceSet } = device;
    yield* group.groupLock.lock();
    let error: 0 | Errno = 'EINVAL';
    if ((yield* group.container.load()) !== null) {
      yield* deviceSet.lock.lock();
      error = yield* openLocked(device);
      yield* deviceSet.lock.unlock();
    }
    yield* group.groupLock.unlock();
    return error;
  },
);

function* openLocked(device: VfioDevice): Op<0 | Errno> {
  const count = yield* device.openCount.load();
  const error = count === 0 ? yield* firstOpen(device) : 0;
  if (error === 0) yield* device.openCount.store(count + 1);
  return error;
}

/** `@kernel vfio_df_device_first_open` */
function* firstOpen(device: VfioDevice): Op<0 | Errno> {
  const { group } = device;
  const unloading = yield* getDriverModule(group);
  if (unloading !== 0) return unloading;
  const unused = yield* useContainer(device);
  if (unused === 0) {
    const error = yield* device.open();
    if (error === 0) return 0;
    yield* unuseContainer(device);
    yield* putDriverModule(group);
    return error;
  }
  yield* putDriverModule(group);
  return unused;
}

/** `@kernel vfio_df_group_close`, `vfio_df_device_last_close` */
export const closeGroupLockOutside = kernelFunction(
  'vfio_df_group_close',
  function* closeGroupLockOutside(device: VfioDevice): Op<void> {
    const { group, deviceSet } = device;
    yield* group.groupLock.lock();
    yield* deviceSet.lock.lock();
    const count = yield* device.openCount.load();
    if (count === 1) {
      yield* device.close();
      yield* unuseContainer(device);
      yield* putDriverModule(group);
    }
    yield* device.openCount.store(count - 1);
    yield* deviceSet.lock.unlock();
    yield* group.groupLock.unlock();
  },
);
