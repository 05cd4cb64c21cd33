/** A device meets its IOMMU when it is added and leaves it when it is removed. */
import { AccessKind, kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { Errno } from '../errno';
import type { IommuGroup } from '../group';
import type { Kernel } from '../kernel';
import { groupAlloc, iommuGroupPut } from './group-reference';
import { findPciGroup } from './pci-device-group';

/**
 * Gives the device an IOMMU and a group. ENODEV: no IOMMU serves its bus. Otherwise the errors of hot-add.
 * `@kernel iommu_probe_device`
 */
export const iommuProbeDevice = kernelFunction(
  'iommu_probe_device',
  function* iommuProbeDevice(device: Device): Op<0 | Errno> {
    const { kernel, bus } = device;
    yield* bus.lock.lock();
    const [instance] = yield* bus.iommus.load();
    yield* bus.lock.unlock();
    if (instance === undefined) return 'ENODEV';
    if (!(yield* instance.module.refs.getUnlessZero())) return 'ENODEV';
    yield* kernel.probeLock.lock();
    let error: 0 | Errno = yield* instance.driver.probeDevice(instance, device);
    if (error === 0) {
      yield* device.iommu.store(instance);
      const group = yield* groupFor(kernel, device);
      device.home = group;
      error = yield* kernel.era.hotAdd(group, device);
      if (error === 0) yield* device.group.store(group);
      else yield* iommuGroupPut(group);
    }
    if (error !== 0) {
      yield* device.iommu.store(null);
      yield* instance.module.refs.put();
    }
    yield* kernel.probeLock.unlock();
    return error;
  },
);

/** The group to join with a reference on it: an existing one, or a new one. */
function* groupFor(kernel: Kernel, device: Device): Op<IommuGroup> {
  const existing = findPciGroup(kernel.presentFunctions(AccessKind.READ), device.function_, (function_) => {
    return kernel.findDevice(function_.address)?.group.readInStep() ?? null;
  });
  if (existing === null) return yield* groupAlloc(kernel, device.function_.description.name ?? device.name);
  yield* existing.refs.get();
  return existing;
}

/** Takes the device away from its IOMMU and its group, in the era's order. `@kernel iommu_release_device` */
export function* iommuReleaseDevice(device: Device): Op<void> {
  yield* device.kernel.era.releaseDevice(device);
}
