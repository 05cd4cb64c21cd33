/** The group comes first, and is left again where DMA is not cache coherent. From 6.2 on. `@kernel __vfio_register_dev` (read in 6.12) */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { deviceIommuCapable, type Errno, isErrno } from '@iommu-lab/kernel';
import type { VfioDevice } from '../../device/vfio-device';
import { vfioGroupFindOrCreate } from '../../group/find-or-create';
import { vfioDeviceRemoveGroup } from '../../group/remove-device';

/** Precondition: the device's mutex is held. EINVAL: it has no IOMMU group, or its DMA is not cache coherent. */
export const registerGroupThenCoherency = kernelFunction(
  '__vfio_register_dev',
  function* registerGroupThenCoherency(device: VfioDevice): Op<0 | Errno> {
    const group = yield* vfioGroupFindOrCreate(device.system, device.device);
    if (isErrno(group)) return group;
    device.group = group;
    if (!(yield* deviceIommuCapable(device.device, 'cache-coherency'))) {
      yield* vfioDeviceRemoveGroup(device);
      return 'EINVAL';
    }
    yield* group.deviceLock.lock();
    yield* group.devices.addHead(device);
    yield* group.deviceLock.unlock();
    return 0;
  },
);
