/** Hot removal and rescan of PCI functions, as sysfs does them. */
import { AccessKind, kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import { iommuReleaseDevice } from '../iommu-core/probe';
import type { Kernel } from '../kernel';
import { addDevice } from './add-device';
import { unbindDriver } from './bind';

/**
 * Removes a function and everything below it in two passes, as Linux does: first all drivers let go, the last device of
 * a bus first; then the devices are deleted, the first of a bus first. In between they are still members of their group.
 * `@kernel pci_stop_and_remove_bus_device_locked`
 */
export const pciRemove = kernelFunction(
  'pci_stop_and_remove_bus_device_locked',
  function* pciRemove(device: Device): Op<void> {
    const { kernel } = device;
    yield* kernel.rescanLock.lock();
    yield* stopTree(device);
    yield* removeTree(device);
    yield* kernel.rescanLock.unlock();
  },
);

/** `@kernel pci_stop_bus_device` */
const stopTree = kernelFunction('pci_stop_bus_device', function* stopTree(device: Device): Op<void> {
  for (const child of childrenOf(device).reverse()) yield* stopTree(child);
  yield* unbindDriver(device);
});

/** `@kernel pci_remove_bus_device` */
const removeTree = kernelFunction('pci_remove_bus_device', function* removeTree(device: Device): Op<void> {
  for (const child of childrenOf(device)) yield* removeTree(child);
  yield* deviceDelete(device);
});

/** The devices on the bus that a bridge leads to, in the order of the bus, as part of the running step. */
function childrenOf({ kernel, function_ }: Device): Device[] {
  const pci = kernel.presentFunctions(AccessKind.READ);
  return pci.below(function_).flatMap((below) => {
    const child = pci.bridgeAbove(below) === function_ ? kernel.findDevice(below.address) : null;
    return child === null ? [] : [child];
  });
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

/** Takes a reference to a device. Precondition: the caller has one, or a lock keeps it listed. `@kernel get_device` */
export function* deviceGet(device: Device): Op<void> {
  yield* device.refs.get();
}

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
