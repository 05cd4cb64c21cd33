/** Hot removal and rescan of PCI functions, as sysfs does them. */
import { AccessKind, kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import { iommuReleaseDevice } from '../iommu-core/probe';
import type { Kernel } from '../kernel';
import { addDevice } from './add-device';
import { unbindDriver } from './bind';

/** Removes a function and everything below it, children first. `@kernel pci_stop_and_remove_bus_device_locked` */
export const pciRemove = kernelFunction(
  'pci_stop_and_remove_bus_device_locked',
  function* pciRemove(device: Device): Op<void> {
    const { kernel } = device;
    yield* kernel.rescanLock.lock();
    yield* removeTree(kernel, device);
    yield* kernel.rescanLock.unlock();
  },
);

function* removeTree(kernel: Kernel, device: Device): Op<void> {
  for (const child of kernel.presentFunctions(AccessKind.READ).below(device.function_)) {
    const childDevice = kernel.findDevice(child.address);
    if (childDevice !== null) yield* removeTree(kernel, childDevice);
  }
  yield* deviceDelete(device);
}

/** Unbinds the driver, lets the IOMMU core release the device, drops the last reference. `@kernel device_del` */
const deviceDelete = kernelFunction('device_del', function* deviceDelete(device: Device): Op<void> {
  const { kernel, bus } = device;
  yield* device.state.store('removing');
  yield* bus.lock.lock();
  yield* bus.devices.remove(device);
  yield* bus.lock.unlock();
  yield* unbindDriver(device);
  yield* iommuReleaseDevice(device);
  yield* device.state.store('released');
  kernel.deviceGone(device);
  kernel.presentFunctions(AccessKind.WRITE).remove(device.function_);
  yield* devicePut(device);
});

/** Drops a reference to a device; the last one frees it. `@kernel put_device` */
export function* devicePut(device: Device): Op<void> {
  if (yield* device.refs.put()) yield* device.free();
}

/** Finds functions that are in their slots and have no device, and adds them. `@kernel pci_rescan_bus` */
export function* pciRescan(kernel: Kernel): Op<void> {
  yield* kernel.rescanLock.lock();
  const found = kernel.presentFunctions(AccessKind.WRITE).rescan();
  for (const function_ of found) yield* addDevice(kernel, function_);
  yield* kernel.rescanLock.unlock();
}
