/** The vfio-pci driver: hands PCI devices to user space. `@kernel drivers/vfio/pci/vfio_pci.c` */
import type { PciFunction } from '@iommu-lab/core';
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device, DeviceDriver, Errno } from '@iommu-lab/kernel';
import { VfioPciDevice } from '../device/pci/vfio-pci-device';
import type { VfioKernel } from '../vfio-kernel';

/** `driverManagedDma`: whoever uses the device through VFIO claims its DMA, the driver itself does none. */
export function vfioPciDriver(system: VfioKernel): DeviceDriver {
  return {
    name: 'vfio-pci',
    driverManagedDma: true,
    *probe(device: Device): Op<0 | Errno> {
      return yield* vfioPciProbe(system, device);
    },
    *remove(device: Device): Op<void> {
      yield* vfioPciRemove(system, device);
    },
  };
}

/** EINVAL: a bridge, no IOMMU group, or DMA that is not cache coherent. */
const vfioPciProbe = kernelFunction(
  'vfio_pci_probe',
  function* vfioPciProbe(system: VfioKernel, device: Device): Op<0 | Errno> {
    if (device.function_.isBridge) return 'EINVAL';
    const vfioDevice = new VfioPciDevice(system, device);
    yield* system.deviceSets.assign(vfioDevice, deviceSetId(system, device.function_));
    const error = yield* system.era.registerDevice(vfioDevice);
    if (error !== 0) {
      yield* system.deviceSets.release(vfioDevice);
      yield* vfioDevice.free();
      return error;
    }
    yield* system.pciDevices.change({
      apply: (devices) => devices.set(device, vfioDevice),
      undo: (devices) => devices.delete(device),
    });
    return 0;
  },
);

/** Waits until user space has let go of the device. */
const vfioPciRemove = kernelFunction(
  'vfio_pci_remove',
  function* vfioPciRemove(system: VfioKernel, device: Device): Op<void> {
    const vfioDevice = yield* system.pciDevices.read((devices) => devices.get(device));
    if (vfioDevice === undefined) return;
    yield* system.era.unregisterDevice(vfioDevice);
    yield* system.pciDevices.change({
      apply: (devices) => devices.delete(device),
      undo: (devices) => devices.set(device, vfioDevice),
    });
    yield* system.deviceSets.release(vfioDevice);
    yield* vfioDevice.free();
  },
);

/**
 * What resets with the function: its bus, or on a root bus, which cannot be reset, only itself.
 * `@kernel vfio_pci_core_register_device`
 */
function deviceSetId(system: VfioKernel, function_: PciFunction): string {
  const { address, segment, bus } = function_;
  return system.hardware.busCanReset(function_) ? `bus ${segment}:${bus}` : `device ${address}`;
}
