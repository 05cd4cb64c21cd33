/**
 * Numbers of VFIO's ioctls: `_IO(';', 100 + n)`. They are unique only within one kind of file.
 * (include/uapi/linux/vfio.h) The numbers of a container's backend are in type1/uapi.ts.
 */

/** `_IO(type, number)` carries neither size nor direction. */
const base = (';'.charCodeAt(0) << 8) | 100;

/** The ioctl with number `offset` above VFIO_BASE. */
export function vfioIoctl(offset: number): number {
  return base + offset;
}

export const VFIO_API_VERSION = 0;

export const VFIO_GET_API_VERSION = base + 0;
export const VFIO_CHECK_EXTENSION = base + 1;
export const VFIO_SET_IOMMU = base + 2;

export const VFIO_GROUP_GET_STATUS = base + 3;
export const VFIO_GROUP_SET_CONTAINER = base + 4;
export const VFIO_GROUP_UNSET_CONTAINER = base + 5;
export const VFIO_GROUP_GET_DEVICE_FD = base + 6;

export const VFIO_DEVICE_GET_INFO = base + 7;
export const VFIO_DEVICE_GET_REGION_INFO = base + 8;
export const VFIO_DEVICE_GET_IRQ_INFO = base + 9;
export const VFIO_DEVICE_SET_IRQS = base + 10;
export const VFIO_DEVICE_RESET = base + 11;
export const VFIO_DEVICE_GET_PCI_HOT_RESET_INFO = base + 12;
export const VFIO_DEVICE_PCI_HOT_RESET = base + 13;
export const VFIO_DEVICE_FEATURE = base + 17;
