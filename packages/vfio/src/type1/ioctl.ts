/**
 * The ioctls that a container forwards to type1, by number, on byte buffers. `@kernel vfio_iommu_type1_ioctl`
 *
 *     MAP_DMA    argsz 32 | flags 32 | vaddr 64 | iova 64 | size 64
 *     UNMAP_DMA  argsz 32 | flags 32 | iova 64  | size 64 | with GET_DIRTY_BITMAP: pgsize 64 | bytes 64 | data 64
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, isErrno } from '@iommu-lab/kernel';
import { copyFromUser, type IoctlArgument, writeU64 } from '../ioctl/argument';
import type { Task } from '../task/task';
import { type UserBitmap, verifyUserBitmap } from './dirty-bitmap';
import { decodeUserBitmap, vfioIommuType1DirtyPages } from './dirty-ioctl';
import { vfioIommuType1GetInfo } from './info';
import { vfioDmaDoMap } from './map';
import {
  MAP_FLAG_READ,
  MAP_FLAG_VADDR,
  MAP_FLAG_WRITE,
  UNMAP_FLAG_ALL,
  UNMAP_FLAG_GET_DIRTY_BITMAP,
  UNMAP_FLAG_VADDR,
  VFIO_IOMMU_DIRTY_PAGES,
  VFIO_IOMMU_GET_INFO,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_UNMAP_DMA,
} from './uapi';
import { vfioDmaDoUnmap } from './unmap';
import type { VfioIommu } from './vfio-iommu';

const MAP_BYTES = 32;
const MAP_FLAGS = MAP_FLAG_READ | MAP_FLAG_WRITE | MAP_FLAG_VADDR;
const UNMAP_BYTES = 24;
const UNMAP_SIZE_OFFSET = 16;
const UNMAP_FLAGS = UNMAP_FLAG_GET_DIRTY_BITMAP | UNMAP_FLAG_ALL | UNMAP_FLAG_VADDR;
const BITMAP_BYTES = 24;

/** 0 or the errno of the request; ENOTTY: type1 has no such ioctl. */
export const vfioIommuType1Ioctl = kernelFunction(
  'vfio_iommu_type1_ioctl',
  function* vfioIommuType1Ioctl(
    iommu: VfioIommu,
    task: Task,
    request: number,
    argument: IoctlArgument,
  ): Op<0 | Errno> {
    switch (request) {
      case VFIO_IOMMU_GET_INFO:
        return yield* vfioIommuType1GetInfo(iommu, argument);
      case VFIO_IOMMU_MAP_DMA:
        return yield* mapDma(iommu, task, argument);
      case VFIO_IOMMU_UNMAP_DMA:
        return yield* unmapDma(iommu, task, argument);
      case VFIO_IOMMU_DIRTY_PAGES:
        return yield* vfioIommuType1DirtyPages(iommu, task, argument);
      default:
        return 'ENOTTY';
    }
  },
);

/** `@kernel vfio_iommu_type1_map_dma` */
function* mapDma(iommu: VfioIommu, task: Task, argument: IoctlArgument): Op<0 | Errno> {
  const map = copyFromUser(argument, MAP_BYTES);
  if (map === 'EFAULT') return 'EFAULT';
  const flags = map.getUint32(4, true);
  const known = iommu.system.era.type1.updatesVaddr ? MAP_FLAGS : MAP_FLAGS & ~MAP_FLAG_VADDR;
  if (map.getUint32(0, true) < MAP_BYTES || (flags & ~known) !== 0) return 'EINVAL';
  return yield* vfioDmaDoMap(iommu, task, {
    flags,
    vaddr: map.getBigUint64(8, true),
    iova: map.getBigUint64(16, true),
    sizeBytes: map.getBigUint64(24, true),
  });
}

/** The size that went is written back; after an error the structure is as it was. `@kernel vfio_iommu_type1_unmap_dma` */
function* unmapDma(iommu: VfioIommu, task: Task, argument: IoctlArgument): Op<0 | Errno> {
  const unmap = copyFromUser(argument, UNMAP_BYTES);
  if (unmap === 'EFAULT') return 'EFAULT';
  const argszBytes = unmap.getUint32(0, true);
  const flags = unmap.getUint32(4, true);
  const known = iommu.system.era.type1.updatesVaddr ? UNMAP_FLAGS : UNMAP_FLAG_GET_DIRTY_BITMAP;
  if (argszBytes < UNMAP_BYTES || (flags & ~known) !== 0) return 'EINVAL';
  const sizeBytes = unmap.getBigUint64(UNMAP_SIZE_OFFSET, true);
  let bitmap: UserBitmap | null = null;
  if ((flags & UNMAP_FLAG_GET_DIRTY_BITMAP) !== 0) {
    if ((flags & (UNMAP_FLAG_ALL | UNMAP_FLAG_VADDR)) !== 0) return 'EINVAL';
    const wanted = unmapBitmap(argument, argszBytes, sizeBytes);
    if (isErrno(wanted)) return wanted;
    bitmap = wanted;
  }
  const iova = unmap.getBigUint64(8, true);
  const pages = yield* vfioDmaDoUnmap(iommu, task, { flags, iova, sizeBytes, bitmap });
  if (isErrno(pages)) return pages;
  writeU64(unmap, UNMAP_SIZE_OFFSET, BigInt(pages) << 12n); // copy_to_user: the view is the user's memory
  return 0;
}

function unmapBitmap(argument: IoctlArgument, argszBytes: number, sizeBytes: bigint): UserBitmap | Errno {
  if (argszBytes < UNMAP_BYTES + BITMAP_BYTES) return 'EINVAL';
  const given = copyFromUser(argument, UNMAP_BYTES + BITMAP_BYTES);
  if (given === 'EFAULT') return 'EFAULT';
  const bitmap = decodeUserBitmap(given, UNMAP_BYTES);
  const refused = verifyUserBitmap(bitmap, sizeBytes);
  return refused === 0 ? bitmap : refused;
}
