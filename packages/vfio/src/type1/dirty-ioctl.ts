/**
 * VFIO_IOMMU_DIRTY_PAGES: start, stop, read. `@kernel vfio_iommu_type1_dirty_pages`
 *
 *      0       4       8        16       24        32        40
 *     +-------+-------+--------+--------+---------+---------+---------+
 *     | argsz | flags | iova   | size   | pgsize  | bytes   | data    |   from +8 on only to read
 *     +-------+-------+--------+--------+---------+---------+---------+
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { copyFromUser, type IoctlArgument } from '../ioctl/argument';
import type { Task } from '../task/task';
import { startTracking, stopTracking } from './dirty';
import { type UserBitmap, verifyUserBitmap, vfioIovaDirtyBitmap } from './dirty-bitmap';
import { smallestPageBytes } from './page-sizes';
import { DIRTY_FLAG_GET_BITMAP, DIRTY_FLAG_START, DIRTY_FLAG_STOP } from './uapi';
import type { VfioIommu } from './vfio-iommu';

const HEADER_BYTES = 8;
const RANGE_BYTES = 40;

interface DirtyRange {
  readonly iova: bigint;
  readonly sizeBytes: bigint;
  readonly bitmap: UserBitmap;
}

/**
 * EACCES: a v1 container. EFAULT: the argument or the bitmap. EINVAL: argsz, not exactly one flag; to start: a mapping
 * is too large for a bitmap; to read: nothing is tracked, another page size than the smallest, alignment, wrap-around
 * (by era), a mapping is cut, the bitmap is too small. Starting or stopping twice is no error.
 */
export const vfioIommuType1DirtyPages = kernelFunction(
  'vfio_iommu_type1_dirty_pages',
  function* vfioIommuType1DirtyPages(iommu: VfioIommu, task: Task, argument: IoctlArgument): Op<0 | Errno> {
    if (!iommu.v2) return 'EACCES';
    const header = copyFromUser(argument, HEADER_BYTES);
    if (header === 'EFAULT') return 'EFAULT';
    const argszBytes = header.getUint32(0, true);
    if (argszBytes < HEADER_BYTES) return 'EINVAL';
    switch (header.getUint32(4, true)) {
      case DIRTY_FLAG_START:
        return yield* locked(iommu, startTracking(iommu));
      case DIRTY_FLAG_STOP:
        yield* locked(iommu, stopTracking(iommu));
        return 0;
      case DIRTY_FLAG_GET_BITMAP:
        return yield* readBitmap(iommu, task, argument, argszBytes);
      default:
        return 'EINVAL';
    }
  },
);

function* locked<T>(iommu: VfioIommu, body: Op<T>): Op<T> {
  yield* iommu.lock.lock();
  const result = yield* body;
  yield* iommu.lock.unlock();
  return result;
}

function* readBitmap(
  iommu: VfioIommu,
  task: Task,
  argument: IoctlArgument,
  argszBytes: number,
): Op<0 | Errno> {
  if (argszBytes - HEADER_BYTES < RANGE_BYTES) return 'EINVAL';
  const given = copyFromUser(argument, HEADER_BYTES + RANGE_BYTES);
  if (given === 'EFAULT') return 'EFAULT';
  const range = decodeRange(given);
  const limit = iommu.system.era.type1.addressLimit;
  if (limit.dirtyRangeWraps(range.iova, range.sizeBytes)) return limit.wrapErrno;
  const refused = verifyUserBitmap(range.bitmap, range.sizeBytes);
  if (refused !== 0) return refused;
  return yield* locked(iommu, readLocked(iommu, task, range));
}

function* readLocked(iommu: VfioIommu, task: Task, range: DirtyRange): Op<0 | Errno> {
  const { iova, sizeBytes, bitmap } = range;
  const granule = smallestPageBytes(yield* iommu.pageSizes.load());
  if (bitmap.pageBytes !== granule || ((iova | sizeBytes) & (granule - 1n)) !== 0n) return 'EINVAL';
  if (!(yield* iommu.dirtyTracking.load())) return 'EINVAL';
  const pages = Number(sizeBytes >> 12n);
  return yield* vfioIovaDirtyBitmap(iommu, task, bitmap, Number(iova >> 12n), pages);
}

function decodeRange(view: DataView): DirtyRange {
  return {
    iova: view.getBigUint64(8, true),
    sizeBytes: view.getBigUint64(16, true),
    bitmap: decodeUserBitmap(view, 24),
  };
}

/** Three 64-bit words: page size, bytes, address. (struct vfio_bitmap) */
export function decodeUserBitmap(view: DataView, offset: number): UserBitmap {
  return {
    pageBytes: view.getBigUint64(offset, true),
    sizeBytes: view.getBigUint64(offset + 8, true),
    data: view.getBigUint64(offset + 16, true),
  };
}
