/** Binding and unbinding a driver, under the device's mutex. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { Errno } from '../errno';
import type { GroupEvent } from '../iommu-core/group-listeners';
import type { DeviceDriver } from './device-driver';

/**
 * EBUSY: a driver is bound, or user space owns the group. ENODEV: the device is going away.
 * Otherwise what the driver's probe answers. `@kernel device_driver_attach`, `really_probe`
 */
export const bindDriver = kernelFunction(
  'device_driver_attach',
  function* bindDriver(device: Device, driver: DeviceDriver): Op<0 | Errno> {
    yield* device.mutex.lock();
    const error = yield* bindLocked(device, driver);
    if (error === 0) yield* tell('bound', device);
    yield* device.mutex.unlock();
    return error;
  },
);

function* bindLocked(device: Device, driver: DeviceDriver): Op<0 | Errno> {
  if ((yield* device.state.load()) !== 'present') return 'ENODEV';
  if ((yield* device.driver.load()) !== null) return 'EBUSY';
  if (!driver.driverManagedDma) {
    const refused = yield* device.kernel.era.admitDriver(device);
    if (refused !== 0) return refused;
  }
  yield* device.driver.store(driver);
  const error = yield* driver.probe(device);
  if (error !== 0) {
    yield* device.driver.store(null);
    if (!driver.driverManagedDma) yield* device.kernel.era.dismissDriver(device);
  }
  return error;
}

/** ENODEV: no driver is bound. Waits as long as the driver's remove does. `@kernel device_release_driver` */
export const unbindDriver = kernelFunction(
  'device_release_driver',
  function* unbindDriver(device: Device): Op<0 | Errno> {
    yield* device.mutex.lock();
    const driver = yield* device.driver.load();
    if (driver !== null) {
      yield* driver.remove(device);
      yield* device.driver.store(null);
      if (!driver.driverManagedDma) yield* device.kernel.era.dismissDriver(device);
      yield* tell('unbound', device);
    }
    yield* device.mutex.unlock();
    return driver === null ? 'ENODEV' : 0;
  },
);

/** The group is looked up where somebody may listen; elsewhere nothing is read. */
function* tell(event: GroupEvent, device: Device): Op<void> {
  yield* device.kernel.era.tellListeners(event, device, device.group.readInStep());
}
