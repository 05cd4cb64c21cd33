/** A registered device leaves its group; the last one takes the group apart, whoever has it open. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { iommuGroupPut } from '@iommu-lab/kernel';
import { detachGroupFromContainer } from '../container/detach-group';
import type { VfioDevice } from '../device/vfio-device';
import { putAndLock } from './driver-count';

/**
 * Precondition: the device is off the group's list; its mutex is held. Since 6.1 the last device takes the container
 * and the IOMMU group away from whoever still has the group open: nothing holds either beyond the devices.
 * `@kernel vfio_device_remove_group`
 */
export const vfioDeviceRemoveGroup = kernelFunction(
  'vfio_device_remove_group',
  function* vfioDeviceRemoveGroup(device: VfioDevice): Op<void> {
    const { system, group } = device;
    if (!(yield* putAndLock(group.drivers, system.groupLock))) return;
    yield* system.groups.remove(group);
    yield* system.characterLock.lock();
    yield* system.characterDevices.remove(group);
    yield* system.characterLock.unlock();

    yield* group.groupLock.lock();
    if ((yield* group.container.load()) !== null) yield* detachGroupFromContainer(group, device.device);
    const iommuGroup = yield* group.iommuGroup.load();
    yield* group.iommuGroup.store(null);
    yield* group.groupLock.unlock();
    yield* system.groupLock.unlock();

    if (iommuGroup !== null) yield* iommuGroupPut(iommuGroup);
    yield* group.put();
  },
);
