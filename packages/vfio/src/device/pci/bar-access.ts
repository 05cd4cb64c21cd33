/** Reading, writing and mapping BARs. `@kernel vfio_pci_bar_rw`, `vfio_pci_core_mmap` */
import { AccessKind, kernelFunction, type Op } from '@iommu-lab/explorer';
import { declare, type Errno } from '@iommu-lab/kernel';
import type { MapRequest } from '../../files/open-file';
import { hwMmioRead, mmioWrite } from '../../pci/mmio';
import { mapStep } from '../../task/mapping-steps';
import type { Task } from '../../task/task';
import type { DeviceFile } from '../device-file';
import { REGION, REGION_SHIFT, regionBytes } from './info';
import type { VfioPciDevice } from './vfio-pci-device';
import { memoryEnabled } from './virtual-config';

/** Bytes of the next access: as wide as alignment and length allow, at most four. */
function width(offset: number, left: number): number {
  if (left >= 4 && offset % 4 === 0) return 4;
  return left >= 2 && offset % 2 === 0 ? 2 : 1;
}

/** EINVAL: past the BAR's end, or no such BAR. EIO: memory space is off. Shortened at the BAR's end. */
export const barRead = kernelFunction(
  'vfio_pci_bar_rw',
  function* barRead(
    device: VfioPciDevice,
    index: number,
    offset: number,
    target: Uint8Array,
  ): Op<number | Errno> {
    const size = regionBytes(device, index);
    if (offset >= size) return 'EINVAL';
    const length = Math.min(target.length, size - offset);
    for (let done = 0; done < length; ) {
      const bytes = width(offset + done, length - done);
      yield* device.memoryLock.downRead();
      const enabled = memoryEnabled(yield* device.config.load());
      const value = enabled
        ? yield* hwMmioRead(device.system.kernel, device.function_.address, offset + done, bytes)
        : 0n;
      yield* device.memoryLock.upRead();
      if (!enabled) return 'EIO';
      for (let n = 0; n < bytes; n++) target[done + n] = Number((value >> BigInt(n * 8)) & 0xffn);
      done += bytes;
    }
    return length;
  },
);

/** Errors as `barRead`. */
export const barWrite = kernelFunction(
  'vfio_pci_bar_rw',
  function* barWrite(
    device: VfioPciDevice,
    index: number,
    offset: number,
    source: Uint8Array,
  ): Op<number | Errno> {
    const size = regionBytes(device, index);
    if (offset >= size) return 'EINVAL';
    const length = Math.min(source.length, size - offset);
    for (let done = 0; done < length; ) {
      const bytes = width(offset + done, length - done);
      let value = 0n;
      for (let n = 0; n < bytes; n++) value |= BigInt(source[done + n] as number) << BigInt(n * 8);
      yield* device.memoryLock.downRead();
      const enabled = memoryEnabled(yield* device.config.load());
      if (enabled)
        yield* mmioWrite(device.system.kernel, device.function_.address, offset + done, bytes, value);
      yield* device.memoryLock.upRead();
      if (!enabled) return 'EIO';
      done += bytes;
    }
    yield* device.interrupts.deviceActed();
    return length;
  },
);

/** EINVAL: no BAR that can be mapped, a private mapping, or past the BAR's end. */
export const barMap = kernelFunction(
  'vfio_pci_core_mmap',
  function* barMap(device: VfioPciDevice, file: DeviceFile, task: Task, request: MapRequest): Op<0 | Errno> {
    const index = Number(request.offset >> REGION_SHIFT);
    const offset = Number(request.offset & ((1n << REGION_SHIFT) - 1n));
    if (index >= REGION.ROM || !request.shared) return 'EINVAL';
    const size = regionBytes(device, index);
    if (size < 4096 || offset + request.pages * 4096 > size) return 'EINVAL';
    yield* mapStep(task.mm, {
      firstPage: request.firstPage,
      pages: request.pages,
      readable: true,
      writable: true,
      hugePages: false,
      device: {
        file,
        function: device.function_.address,
        physicalPage: Number(device.bar0Physical >> 12n) + offset / 4096,
        barOffset: offset,
        enabled: () => memoryEnabled(device.config.readInStep()),
        declareEnabled: (pending) => {
          declare(pending, device.config.location, AccessKind.READ);
          declare(pending, device.lifeLocation, AccessKind.READ);
        },
      },
    });
    return 0;
  },
);
