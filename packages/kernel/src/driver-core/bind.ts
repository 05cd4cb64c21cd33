/** Binding and unbinding a driver, under the device's mutex. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { Errno } from '../errno';
import {
  iommuDeviceUnuseDefaultDomain,
  iommuDeviceUseDefaultDomain,
} from '../iommu-core/default-domain-users';
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
    yield* device.mutex.unlock();
    return error;
  },
);

function* bindLocked(device: Device, driver: DeviceDriver): Op<0 | Errno> {
  if ((yield* device.state.load()) !== 'present') return 'ENODEV';
  if ((yield* device.driver.load()) !== null) return 'EBUSY';
  if (!driver.driverManagedDma) {
    const refused = yield* iommuDeviceUseDefaultDomain(device);
    if (refused !== 0) return refused;
  }
  yield* device.driver.store(driver);
  const error = yield* driver.probe(device);
  if (error !== 0) {
    yield* device.driver.store(null);
    if (!driver.driverManagedDma) yield* iommuDeviceUnuseDefaultDomain(device);
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
      if (!driver.driverManagedDma) yield* iommuDeviceUnuseDefaultDomain(device);
    }
    yield* device.mutex.unlock();
    return driver === null ? 'ENODEV' : 0;
  },
);
