/** Cache coherency is asked for before the group is looked for. Up to 6.1. `@kernel vfio_register_group_dev` (read in 6.1) */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { deviceIommuCapable, type Errno, isErrno } from '@iommu-lab/kernel';
import type { VfioDevice } from '../../device/vfio-device';
import { vfioGroupFindOrCreate } from '../../group/find-or-create';

/** Precondition: the device's mutex is held. EINVAL: its DMA is not cache coherent, or it has no IOMMU group. */
export const registerCoherencyThenGroup = kernelFunction(
  'vfio_register_group_dev',
  function* registerCoherencyThenGroup(device: VfioDevice): Op<0 | Errno> {
    if (!(yield* deviceIommuCapable(device.device, 'cache-coherency'))) return 'EINVAL';
    const group = yield* vfioGroupFindOrCreate(device.system, device.device);
    if (isErrno(group)) return group;
    device.group = group;
    yield* group.deviceLock.lock();
    yield* group.devices.addHead(device);
    yield* group.deviceLock.unlock();
    return 0;
  },
);
