/**
 * The device leaves its group's list first: nobody can open it while unregistering waits. From 6.6 on.
 * `@kernel vfio_unregister_group_dev`, `vfio_device_group_unregister` (read in 6.12)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { VfioDevice } from '../../device/vfio-device';
import { waitForUsers } from '../../device/wait-for-users';
import { vfioDeviceRemoveGroup } from '../../group/remove-device';

/** Precondition: the device's mutex is held. */
export const unregisterListThenWait = kernelFunction(
  'vfio_unregister_group_dev',
  function* unregisterListThenWait(device: VfioDevice): Op<void> {
    const { group } = device;
    yield* group.deviceLock.lock();
    yield* group.devices.remove(device);
    yield* group.deviceLock.unlock();
    yield* waitForUsers(device);
    yield* vfioDeviceRemoveGroup(device);
  },
);
