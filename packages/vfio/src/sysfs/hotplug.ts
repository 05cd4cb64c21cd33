/** Removing devices and scanning for them through sysfs. */
import type { Op } from '@iommu-lab/explorer';
import { type Errno, pciRemove, pciRescan } from '@iommu-lab/kernel';
import type { VfioKernel } from '../vfio-kernel';
import { withDevice } from './drivers';

/** Removes the device and everything below it. ENOENT. Waits as long as the driver does. `@kernel remove_store` */
export function* sysfsRemove(system: VfioKernel, name: string): Op<0 | Errno> {
  return yield* withDevice(system, name, function* remove(device): Op<0> {
    yield* pciRemove(device);
    return 0;
  });
}

/** Devices that are in their slots come back, without a driver. `@kernel rescan_store` */
export function* sysfsRescan(system: VfioKernel): Op<0> {
  yield* pciRescan(system.kernel);
  return 0;
}
