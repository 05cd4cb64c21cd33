/** A device appears on the bus. No driver is bound: the model's drivers bind only when asked. `@kernel device_add` */
import type { PciFunction } from '@iommu-lab/core';
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { Device } from '../device';
import { iommuProbeDevice } from '../iommu-core/probe';
import type { Kernel } from '../kernel';

export function* addDevice(kernel: Kernel, function_: PciFunction): Op<Device> {
  return yield* deviceAdd(kernel, function_);
}

const deviceAdd = kernelFunction(
  'device_add',
  function* deviceAdd(kernel: Kernel, function_: PciFunction): Op<Device> {
    const device = new Device(kernel, kernel.pciBus, function_.address, function_);
    yield* kernel.pciBus.lock.lock();
    yield* kernel.pciBus.devices.addTail(device);
    yield* kernel.pciBus.lock.unlock();
    kernel.deviceAdded(device);
    // A device without an IOMMU is no error: it has no group.
    yield* iommuProbeDevice(device);
    return device;
  },
);
