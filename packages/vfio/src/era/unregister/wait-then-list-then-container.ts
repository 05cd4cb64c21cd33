/**
 * The device stays on its group's list while unregistering waits for its users; after that the last device of a group
 * waits for the group to leave its container, whoever has it there. Up to 5.18. `@kernel vfio_del_group_dev` (read in 5.16)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { VfioDevice } from '../../device/vfio-device';
import { waitForUsers } from '../../device/wait-for-users';
import { putGroup } from '../../group/without-lock/lifetime';
import { type UnlockedGroup, unlocked } from '../../group/without-lock/unlocked-group';

/** Precondition: the device's mutex is held. */
export const unregisterWaitThenListThenContainer = kernelFunction(
  'vfio_del_group_dev',
  function* unregisterWaitThenListThenContainer(device: VfioDevice): Op<void> {
    const group = unlocked(device.group);
    // While it is leaving it still has its driver, which must not count against the group.
    yield* group.unboundLock.lock();
    yield* group.unbound.addTail(device.device);
    yield* group.unboundLock.unlock();
    yield* waitAndLeave(device, group);
  },
);

/** Where owners and not drivers decide who may use a group. The tree of February 2022. Precondition as above. */
export const unregisterOwnedWaitThenListThenContainer = kernelFunction(
  'vfio_unregister_group_dev',
  function* unregisterOwnedWaitThenListThenContainer(device: VfioDevice): Op<void> {
    yield* waitAndLeave(device, unlocked(device.group));
  },
);

function* waitAndLeave(device: VfioDevice, group: UnlockedGroup): Op<void> {
  yield* waitForUsers(device);
  yield* group.deviceLock.lock();
  yield* group.devices.remove(device);
  const empty = (yield* group.devices.load()).length === 0;
  yield* group.deviceLock.unlock();
  if (empty) yield* group.container.waitUntil((container) => container === null, { endedByUser: true });
  yield* putGroup(group);
}
