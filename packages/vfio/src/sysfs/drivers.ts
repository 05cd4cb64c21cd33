/** Binding and unbinding drivers through sysfs. */
import type { Op } from '@iommu-lab/explorer';
import {
  bindDriver,
  busFindDevice,
  type Device,
  devicePut,
  type Errno,
  unbindDriver,
} from '@iommu-lab/kernel';
import type { VfioKernel } from '../vfio-kernel';

/** Runs `use` with the device of that name or label, held by a reference. ENOENT: there is none. */
export function* withDevice<T>(
  system: VfioKernel,
  name: string,
  use: (device: Device) => Op<T>,
): Op<T | Errno> {
  const device = yield* busFindDevice(system.kernel, name);
  if (device === null) return 'ENOENT';
  const answer = yield* use(device);
  yield* devicePut(device);
  return answer;
}

/**
 * Binds a device to exactly this driver: nothing where it is bound so, else it is unbound first. After a failure it
 * has no driver. ENOENT: no such device or driver. EBUSY: user space owns the group's DMA and the driver would use it.
 * Otherwise what the probe answers. `@kernel bind_store` with driver_override
 */
export function* sysfsBind(system: VfioKernel, name: string, driverName: string): Op<0 | Errno> {
  const driver = system.kernel.findDriver(driverName);
  if (driver === null) return 'ENOENT';
  return yield* withDevice(system, name, function* bind(device): Op<0 | Errno> {
    const current = yield* device.driver.loadRacy();
    if (current === driver) return 0;
    if (current !== null) yield* unbindDriver(device);
    return yield* bindDriver(device, driver);
  });
}

/** ENOENT: no such device, or it has no driver. Waits as long as the driver does. `@kernel unbind_store` */
export function* sysfsUnbind(system: VfioKernel, name: string): Op<0 | Errno> {
  return yield* withDevice(system, name, function* unbind(device): Op<0 | Errno> {
    if ((yield* device.driver.loadRacy()) === null) return 'ENOENT';
    return yield* unbindDriver(device);
  });
}
