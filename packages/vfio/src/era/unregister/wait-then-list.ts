/**
 * The device stays on its group's list while unregistering waits: it can be opened again meanwhile. Up to 6.5; that
 * the last device takes the group apart is 6.1's. `@kernel vfio_unregister_group_dev` (read in 6.1)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { VfioDevice } from '../../device/vfio-device';
import { waitForUsers } from '../../device/wait-for-users';
import { vfioDeviceRemoveGroup } from '../../group/remove-device';

/** Precondition: the device's mutex is held. */
export const unregisterWaitThenList = kernelFunction(
  'vfio_unregister_group_dev',
  function* unregisterWaitThenList(device: VfioDevice): Op<void> {
    const { group } = device;
    yield* waitForUsers(device);
    yield* group.deviceLock.lock();
    yield* group.devices.remove(device);
    yield* group.deviceLock.unlock();
    yield* vfioDeviceRemoveGroup(device);
  },
);
