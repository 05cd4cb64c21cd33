/** What a vfio-pci device tells of itself: GET_INFO, GET_REGION_INFO, GET_IRQ_INFO. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { copyFromUser, type IoctlArgument, readU32, writeU32, writeU64 } from '../../ioctl/argument';
import type { VfioPciDevice } from './vfio-pci-device';

/** BARs 0 to 5, expansion ROM, configuration space, VGA. */
export const REGION = { BAR0: 0, BAR5: 5, ROM: 6, CONFIG: 7, VGA: 8, COUNT: 9 } as const;
export const IRQ = { INTX: 0, MSI: 1, MSIX: 2, ERR: 3, REQ: 4, COUNT: 5 } as const;

/** A region's index stands above this bit of an offset in the device file. */
export const REGION_SHIFT = 40n;

const DEVICE_FLAGS_RESET = 1;
const DEVICE_FLAGS_PCI = 2;
const REGION_READ_WRITE = 3;
const REGION_MMAP = 4;
const IRQ_EVENTFD = 1;
const IRQ_MASKABLE_AUTOMASKED = 6;
const IRQ_NORESIZE = 8;

export const DEVICE_INFO_BYTES = 16;
export const REGION_INFO_BYTES = 32;
export const IRQ_INFO_BYTES = 16;

/** `struct vfio_device_info { u32 argsz, flags, num_regions, num_irqs }`. EFAULT, EINVAL: argsz. `@kernel vfio_pci_ioctl_get_info` */
export const deviceInfo = kernelFunction(
  'vfio_pci_ioctl_get_info',
  function* deviceInfo(device: VfioPciDevice, argument: IoctlArgument): Op<0 | Errno> {
    const info = copyFromUser(argument, DEVICE_INFO_BYTES);
    if (info === 'EFAULT') return 'EFAULT';
    if (readU32(info, 0) < DEVICE_INFO_BYTES) return 'EINVAL';
    const resets = yield* device.resetWorks.load();
    writeU32(info, 4, DEVICE_FLAGS_PCI | (resets ? DEVICE_FLAGS_RESET : 0));
    writeU32(info, 8, REGION.COUNT);
    writeU32(info, 12, IRQ.COUNT);
    return 0;
  },
);

/**
 * `struct vfio_region_info { u32 argsz, flags, index, cap_offset; u64 size, offset }`. EFAULT; EINVAL: argsz, or a
 * region that the device has not. `@kernel vfio_pci_ioctl_get_region_info`
 */
export const regionInfo = kernelFunction(
  'vfio_pci_ioctl_get_region_info',
  function* regionInfo(device: VfioPciDevice, argument: IoctlArgument): Op<0 | Errno> {
    const info = copyFromUser(argument, REGION_INFO_BYTES);
    if (info === 'EFAULT') return 'EFAULT';
    const index = readU32(info, 8);
    if (readU32(info, 0) < REGION_INFO_BYTES || index >= REGION.COUNT || index === REGION.VGA)
      return 'EINVAL';
    const size = regionBytes(device, index);
    const mapped = index <= REGION.BAR5 && size >= 4096 ? REGION_MMAP : 0;
    writeU32(info, 4, size === 0 ? 0 : REGION_READ_WRITE | mapped);
    writeU32(info, 12, 0);
    writeU64(info, 16, BigInt(size));
    writeU64(info, 24, BigInt(index) << REGION_SHIFT);
    return 0;
  },
);

/** Size of a region in bytes; 0: the device has none of that index. */
export function regionBytes(device: VfioPciDevice, index: number): number {
  if (index === REGION.CONFIG) return device.space.lengthBytes;
  return index === REGION.BAR0 ? device.bar0Bytes : 0;
}

/**
 * `struct vfio_irq_info { u32 argsz, flags, index, count }`. EFAULT; EINVAL: argsz, or an interrupt that the device
 * has not. `@kernel vfio_pci_ioctl_get_irq_info`
 */
export const irqInfo = kernelFunction(
  'vfio_pci_ioctl_get_irq_info',
  function* irqInfo(device: VfioPciDevice, argument: IoctlArgument): Op<0 | Errno> {
    const info = copyFromUser(argument, IRQ_INFO_BYTES);
    if (info === 'EFAULT') return 'EFAULT';
    const index = readU32(info, 8);
    if (readU32(info, 0) < IRQ_INFO_BYTES || index >= IRQ.COUNT) return 'EINVAL';
    if (index === IRQ.ERR && !device.function_.isExpress) return 'EINVAL';
    writeU32(info, 4, IRQ_EVENTFD | (index === IRQ.INTX ? IRQ_MASKABLE_AUTOMASKED : IRQ_NORESIZE));
    writeU32(info, 12, irqCount(device, index));
    return 0;
  },
);

/** How many interrupts of a kind the device has. `@kernel vfio_pci_get_irq_count` */
export function irqCount(device: VfioPciDevice, index: number): number {
  switch (index) {
    case IRQ.INTX:
      return device.space.hasInterruptPin ? 1 : 0;
    case IRQ.MSI:
      return device.space.msiCapability === null ? 0 : 1;
    case IRQ.ERR:
      return device.function_.isExpress ? 1 : 0;
    case IRQ.REQ:
      return 1;
    default:
      return 0;
  }
}
