/** The user's own loads and stores to a mapped BAR: no system calls, but each may fault into the kernel. */
import type { Op } from '@iommu-lab/explorer';
import { hwMmioRead, mmioWrite } from '../pci/mmio';
import type { DeviceMemory } from '../task/memory-area';
import type { Task } from '../task/task';

/** The signal that an access raises instead of completing. */
export type AccessSignal = 'SIGSEGV' | 'SIGBUS';

interface Place {
  readonly device: DeviceMemory;
  readonly offset: number;
}

/** SIGSEGV: no device memory is mapped there. SIGBUS: its memory space is off. `@kernel vfio_pci_mmap_fault` */
function placeAt(task: Task, vaddr: bigint): Place | AccessSignal {
  const page = Number(vaddr >> 12n);
  const area = task.mm.areaAt(page);
  if (area === null || area.device === null) return 'SIGSEGV';
  if (!area.device.enabled()) return 'SIGBUS';
  const offset = area.device.barOffset + (page - area.firstPage) * 4096 + Number(vaddr & 0xfffn);
  return { device: area.device, offset };
}

/** Loads 1, 2, 4 or 8 bytes. */
export function* userMmioLoad(task: Task, vaddr: bigint, sizeBytes: number): Op<bigint | AccessSignal> {
  const place = placeAt(task, vaddr);
  if (typeof place === 'string') return place;
  return yield* hwMmioRead(task.system.kernel, place.device.function, place.offset, sizeBytes);
}

/** Stores 1, 2, 4 or 8 bytes. A DMA that this starts is over when it returns. */
export function* userMmioStore(
  task: Task,
  vaddr: bigint,
  sizeBytes: number,
  value: bigint,
): Op<0 | AccessSignal> {
  const place = placeAt(task, vaddr);
  if (typeof place === 'string') return place;
  const { kernel } = task.system;
  yield* mmioWrite(kernel, place.device.function, place.offset, sizeBytes, value);
  const device = kernel.findDevice(place.device.function);
  const bound =
    device === null ? undefined : task.system.pciDevices.readInStep((devices) => devices.get(device));
  if (bound !== undefined) yield* bound.interrupts.deviceActed();
  return 0;
}
