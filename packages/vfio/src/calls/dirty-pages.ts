/** VFIO_IOMMU_DIRTY_PAGES and the unmap that reports dirty pages: both point to a bitmap in user memory. */
import { hex } from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { sysIoctl } from '../syscall/descriptors';
import { userLoad } from '../task/mapping-steps';
import type { Task } from '../task/task';
import { VFIO_IOMMU_DIRTY_PAGES, VFIO_IOMMU_UNMAP_DMA } from '../type1/uapi';
import { SCRATCH_VADDR, withScratch } from './scratch';
import { ioctlCall, NOTHING, type Out, Structure, type UserCall } from './user-call';

const HEADER_BYTES = 8;
/** Both argument structures: argsz, flags, and a range with its bitmap, at the same offsets. */
const RANGE_BYTES = 48;

/** Start or stop of tracking, or any flags without a range. */
export function dirtyPages(fd: number, flags: number): UserCall {
  const bytes = new Structure(HEADER_BYTES).u32(0, HEADER_BYTES).u32(4, flags).bytes;
  return ioctlCall('VFIO_IOMMU_DIRTY_PAGES', fd, VFIO_IOMMU_DIRTY_PAGES, bytes);
}

export interface DirtyRange {
  readonly flags: number;
  readonly iova: bigint;
  readonly size: bigint;
  readonly pgsize: bigint;
  /** Room of the bitmap, in bytes. */
  readonly bitmapSize: number;
}

/** Out: bitmap, as 64-bit words. */
export function dirtyBitmap(fd: number, range: DirtyRange): UserCall {
  const structure = rangeWithBitmap(range);
  return withBitmap('VFIO_IOMMU_DIRTY_PAGES', fd, VFIO_IOMMU_DIRTY_PAGES, structure, range, () => NOTHING);
}

/** Out: size, and bitmap after success. */
export function unmapDmaDirty(fd: number, range: DirtyRange): UserCall {
  const structure = rangeWithBitmap(range);
  return withBitmap('VFIO_IOMMU_UNMAP_DMA', fd, VFIO_IOMMU_UNMAP_DMA, structure, range, () => ({
    size: hex(structure.u64At(16)),
  }));
}

function rangeWithBitmap(range: DirtyRange): Structure {
  return new Structure(RANGE_BYTES)
    .u32(0, RANGE_BYTES)
    .u32(4, range.flags)
    .u64(8, range.iova)
    .u64(16, range.size)
    .u64(24, range.pgsize)
    .u64(32, BigInt(range.bitmapSize))
    .u64(40, SCRATCH_VADDR);
}

function withBitmap(
  name: string,
  fd: number,
  request: number,
  structure: Structure,
  range: DirtyRange,
  out: () => Out,
): UserCall {
  let bitmap: readonly string[] | null = null;
  return {
    name,
    *run(task: Task): Op<number | Errno> {
      return yield* withScratch(task, BigInt(range.bitmapSize), function* get(): Op<number | Errno> {
        const answer = yield* sysIoctl(task, fd, request, structure.bytes);
        if (typeof answer === 'string') return answer;
        const bytes = new Uint8Array(range.bitmapSize - (range.bitmapSize % 8));
        yield* userLoad(task.mm, SCRATCH_VADDR, bytes);
        bitmap = words(bytes);
        return answer;
      });
    },
    out: () => (bitmap === null ? out() : { ...out(), bitmap }),
  };
}

function words(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 8 }, (_, n) => hex(view.getBigUint64(n * 8, true)));
}
