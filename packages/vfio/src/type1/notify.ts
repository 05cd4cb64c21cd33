/** Emulated devices and the news they get. `@kernel vfio_iommu_type1_register_device, vfio_notify_dma_unmap` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { EmulatedDevice } from './emulated-device';
import type { VfioIommu } from './vfio-iommu';

/** An emulated device was opened: it may pin pages and is told of unmaps. */
export const vfioIommuType1RegisterDevice = kernelFunction(
  'vfio_iommu_type1_register_device',
  function* vfioIommuType1RegisterDevice(iommu: VfioIommu, device: EmulatedDevice): Op<void> {
    yield* iommu.lock.lock();
    yield* iommu.deviceListLock.lock();
    yield* iommu.devices.addHead(device);
    yield* iommu.deviceListLock.unlock();
    yield* iommu.lock.unlock();
  },
);

/** It was closed. Precondition: it has unpinned everything. */
export const vfioIommuType1UnregisterDevice = kernelFunction(
  'vfio_iommu_type1_unregister_device',
  function* vfioIommuType1UnregisterDevice(iommu: VfioIommu, device: EmulatedDevice): Op<void> {
    yield* iommu.lock.lock();
    yield* iommu.deviceListLock.lock();
    yield* iommu.devices.remove(device);
    yield* iommu.deviceListLock.unlock();
    yield* iommu.lock.unlock();
  },
);

/**
 * Tells every device that a range is about to go. Devices unpin through functions that take the container's lock, so
 * it is dropped meanwhile: whatever was found under it has to be found again.
 */
export const notifyDmaUnmap = kernelFunction(
  'vfio_notify_dma_unmap',
  function* notifyDmaUnmap(iommu: VfioIommu, iovaPage: number, pages: number): Op<void> {
    if ((yield* iommu.devices.load()).length === 0) return;
    yield* iommu.deviceListLock.lock();
    yield* iommu.lock.unlock();
    for (const device of yield* iommu.devices.load()) yield* device.dmaUnmap(iovaPage, pages);
    yield* iommu.deviceListLock.unlock();
    yield* iommu.lock.lock();
  },
);
