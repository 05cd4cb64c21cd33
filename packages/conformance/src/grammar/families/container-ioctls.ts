/**
 * Ioctls of the container: the choice of an IOMMU driver, mappings, information, dirty pages. They are dispatched by
 * number, so the descriptor may be one of another kind. `argsz` is the size that the caller claims; without it the
 * structure's own.
 */
import * as v from 'valibot';
import { operation } from '../operation';
import { descriptor, hexNumber, integer, nullPointer, uint32 } from '../values';

const onlyPointer = v.strictObject({ fd: descriptor, arg: nullPointer });

/** A capability of GET_INFO's chain; which fields there are depends on `id`. */
const capability = v.strictObject({
  id: uint32,
  version: uint32,
  /** 1: the usable iova ranges, both ends included. */
  ranges: v.exactOptional(v.array(v.strictTuple([hexNumber, hexNumber]))),
  /** 2: dirty tracking. */
  pgsize_bitmap: v.exactOptional(hexNumber),
  max_dirty_bitmap_size: v.exactOptional(hexNumber),
  /** 3: mappings that are still allowed. */
  avail: v.exactOptional(uint32),
});

/** Dirty bitmap, one bit a page, as 64-bit words. */
const bitmap = v.exactOptional(v.array(hexNumber));

export const containerOperations = {
  VFIO_GET_API_VERSION: operation(v.strictObject({ fd: descriptor })),
  VFIO_CHECK_EXTENSION: operation(v.strictObject({ fd: descriptor, ext: integer })),
  VFIO_SET_IOMMU: operation(v.strictObject({ fd: descriptor, type: integer })),
  VFIO_IOMMU_GET_INFO: operation(
    v.union([v.strictObject({ fd: descriptor, argsz: v.exactOptional(uint32) }), onlyPointer]),
    {
      /** The size wanted, where what was given is too small. */
      argsz: v.exactOptional(uint32),
      flags: v.exactOptional(uint32),
      iova_pgsizes: v.exactOptional(hexNumber),
      caps: v.exactOptional(v.array(capability)),
    },
  ),
  VFIO_IOMMU_MAP_DMA: operation(
    v.union([
      v.strictObject({
        fd: descriptor,
        argsz: v.exactOptional(uint32),
        flags: uint32,
        vaddr: hexNumber,
        iova: hexNumber,
        size: hexNumber,
      }),
      onlyPointer,
    ]),
  ),
  VFIO_IOMMU_UNMAP_DMA: operation(
    v.union([
      v.strictObject({
        fd: descriptor,
        argsz: v.exactOptional(uint32),
        flags: uint32,
        iova: hexNumber,
        size: hexNumber,
        /** With the dirty flag: page size and room of the bitmap, in bytes. */
        pgsize: v.exactOptional(hexNumber),
        bitmap_size: v.exactOptional(uint32),
      }),
      onlyPointer,
    ]),
    /** What was removed, in bytes; after a failure what the caller put there. */
    { size: v.exactOptional(hexNumber), bitmap },
  ),
  VFIO_IOMMU_DIRTY_PAGES: operation(
    v.union([
      v.strictObject({ fd: descriptor, flags: uint32 }),
      v.strictObject({
        fd: descriptor,
        flags: uint32,
        iova: hexNumber,
        size: hexNumber,
        pgsize: hexNumber,
        bitmap_size: uint32,
      }),
    ]),
    { bitmap },
  ),
};
