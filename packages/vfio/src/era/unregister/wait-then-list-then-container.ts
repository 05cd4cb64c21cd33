/**
 * The device stays on its group's list while unregistering waits for its users; after that the last device of a group
 * waits for the group to leave its container, whoever has it there. Up to 5.18. `@kernel vfio_del_group_dev` (read in 5.16)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { VfioDevice } from '../../device/vfio-device';
import { waitForUsers } from '../../device/wait-for-users';
import { putGroup } from '../../group/without-lock/lifetime';
import { unlocked } from '../../group/without-lock/unlocked-group';

/** Precondition: the device's mutex is held. */
export const unregisterWaitThenListThenContainer = kernelFunction(
  'vfio_del_group_dev',
  function* unregisterWaitThenListThenContainer(device: VfioDevice): Op<void> {
    const group = unlocked(device.group);
    yield* group.unboundLock.lock();
    yield* group.unbound.addTail(device.device);
    yield* group.unboundLock.unlock();
    yield* waitForUsers(device);
    yield* group.deviceLock.lock();
    yield* group.devices.remove(device);
    const empty = (yield* group.devices.load()).length === 0;
    yield* group.deviceLock.unlock();
    if (empty) yield* group.container.waitUntil((container) => container === null, { endedByUser: true });
    yield* putGroup(group);
  },
);
