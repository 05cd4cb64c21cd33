/**
 * Numbers of the type1 user interface: ioctls, flags, structure sizes. (include/uapi/linux/vfio.h of Linux 6.12)
 * Structure layouts are drawn where they are decoded: ioctl.ts, dirty-ioctl.ts, info.ts.
 */

export const VFIO_IOMMU_GET_INFO = 0x3b70;
export const VFIO_IOMMU_MAP_DMA = 0x3b71;
export const VFIO_IOMMU_UNMAP_DMA = 0x3b72;
export const VFIO_IOMMU_DIRTY_PAGES = 0x3b75;

// VFIO_CHECK_EXTENSION and VFIO_SET_IOMMU share these.
export const VFIO_TYPE1_IOMMU = 1;
export const VFIO_TYPE1V2_IOMMU = 3;
export const VFIO_DMA_CC_IOMMU = 4;
export const VFIO_TYPE1_NESTING_IOMMU = 6;
export const VFIO_UNMAP_ALL = 9;
export const VFIO_UPDATE_VADDR = 10;

export const MAP_FLAG_READ = 1;
export const MAP_FLAG_WRITE = 2;
export const MAP_FLAG_VADDR = 4;

export const UNMAP_FLAG_GET_DIRTY_BITMAP = 1;
export const UNMAP_FLAG_ALL = 2;
export const UNMAP_FLAG_VADDR = 4;

export const DIRTY_FLAG_START = 1;
export const DIRTY_FLAG_STOP = 2;
export const DIRTY_FLAG_GET_BITMAP = 4;

export const INFO_FLAG_PAGE_SIZES = 1;
export const INFO_FLAG_CAPABILITIES = 2;

export const INFO_CAPABILITY_IOVA_RANGE = 1;
export const INFO_CAPABILITY_MIGRATION = 2;
export const INFO_CAPABILITY_DMA_AVAIL = 3;

/** Pages that one pin request may name: a page full of 64-bit entries. */
export const PIN_PAGES_MAX = 512;
/** Pages that one dirty bitmap can describe (INT_MAX). */
export const DIRTY_BITMAP_MAX_PAGES = 2 ** 31 - 1;
/** Bytes of the largest dirty bitmap. */
export const DIRTY_BITMAP_MAX_BYTES = 0x10000000;
