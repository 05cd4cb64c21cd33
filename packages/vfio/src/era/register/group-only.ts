/** Only the group is looked for; nobody asks for coherency. Up to 5.18. `@kernel vfio_add_group_dev` (read in 5.16) */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, isErrno } from '@iommu-lab/kernel';
import type { VfioDevice } from '../../device/vfio-device';
import { groupForDevice } from '../../group/without-lock/lifetime';

/** The device keeps the group. Precondition: the device's mutex is held. EINVAL: it has no IOMMU group. */
export const registerGroupOnly = kernelFunction(
  'vfio_add_group_dev',
  function* registerGroupOnly(device: VfioDevice): Op<0 | Errno> {
    const group = yield* groupForDevice(device.system, device.device);
    if (isErrno(group)) return group;
    device.group = group;
    yield* group.deviceLock.lock();
    yield* group.devices.addHead(device);
    yield* group.deviceLock.unlock();
    return 0;
  },
);
