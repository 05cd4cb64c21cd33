/**
 * UNMAP_DMA. Type 1 v1 removes whole dmas whose first page lies in the range; v2 refuses to cut one.
 * `@kernel vfio_dma_do_unmap`
 */
import { KernelBug, kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import { lastWraps } from './address-limit';
import { type UserBitmap, updateUserBitmap } from './dirty-bitmap';
import type { VfioDma } from './dma';
import { nextDma, rangeCutsDma, vfioFindDma } from './dma-tree';
import { notifyDmaUnmap } from './notify';
import { smallestPageBytes } from './page-sizes';
import { vfioRemoveDma } from './remove-dma';
import { UNMAP_FLAG_ALL, UNMAP_FLAG_VADDR } from './uapi';
import type { VfioIommu } from './vfio-iommu';

/** Notifications in a row after which a device still has pages pinned. */
const MOST_RETRIES = 10;

/** VFIO_IOMMU_UNMAP_DMA as user space filled it in, its flags known to be known. */
export interface UnmapRequest {
  readonly flags: number;
  readonly iova: bigint;
  readonly sizeBytes: bigint;
  /** With GET_DIRTY_BITMAP. */
  readonly bitmap: UserBitmap | null;
}

/** Where an unmap stands. It may start again after the lock was dropped. */
interface Progress {
  pages: number;
  /** The dma that devices were told of last, and how often in a row that was in vain. */
  notified: VfioDma | null;
  retries: number;
}

/**
 * Unmaps, or with the VADDR flag marks dmas as waiting for a new vaddr. Answers the pages that went or were marked.
 * EBUSY: VADDR with an emulated group. EINVAL: alignment, wrap-around (by era), ALL with a range, a bitmap without
 * tracking or of another page size, v2: a dma is cut, VADDR: one is marked already. EFAULT: the bitmap.
 */
export const vfioDmaDoUnmap = kernelFunction(
  'vfio_dma_do_unmap',
  function* vfioDmaDoUnmap(iommu: VfioIommu, task: Task, request: UnmapRequest): Op<number | Errno> {
    yield* iommu.lock.lock();
    const refused = yield* checkRequest(iommu, request);
    const outcome = refused === 0 ? yield* unmapRange(iommu, task, request) : refused;
    yield* iommu.lock.unlock();
    return outcome;
  },
);

function* checkRequest(iommu: VfioIommu, request: UnmapRequest): Op<0 | Errno> {
  const { flags, iova, sizeBytes, bitmap } = request;
  if ((flags & UNMAP_FLAG_VADDR) !== 0 && (yield* iommu.emulatedGroups.load()).length > 0) return 'EBUSY';
  const granule = smallestPageBytes(yield* iommu.pageSizes.load());
  if ((iova & (granule - 1n)) !== 0n) return 'EINVAL';
  if ((flags & UNMAP_FLAG_ALL) !== 0) {
    if (iova !== 0n || sizeBytes !== 0n) return 'EINVAL';
  } else {
    if (sizeBytes === 0n || (sizeBytes & (granule - 1n)) !== 0n) return 'EINVAL';
    if (lastWraps(iova, sizeBytes)) return iommu.system.era.type1.addressLimit.wrapErrno;
  }
  if (bitmap === null) return 0;
  const tracking = yield* iommu.dirtyTracking.load();
  return !tracking || bitmap.pageBytes !== granule ? 'EINVAL' : 0;
}

function* unmapRange(iommu: VfioIommu, task: Task, request: UnmapRequest): Op<number | Errno> {
  const all = (request.flags & UNMAP_FLAG_ALL) !== 0;
  const iovaPage = Number(request.iova >> 12n);
  const pages = all ? iommu.system.era.type1.addressLimit.unmapAllPages : Number(request.sizeBytes >> 12n);
  const progress: Progress = { pages: 0, notified: null, retries: 0 };
  for (;;) {
    if (iommu.v2 && !all && (yield* rangeCutsDma(iommu, iovaPage, pages))) return 'EINVAL';
    if ((request.flags & UNMAP_FLAG_VADDR) !== 0) return yield* invalidateVaddrs(iommu, iovaPage, pages);
    const outcome = yield* removeDmas(iommu, task, iovaPage, pages, request.bitmap, progress);
    if (outcome !== 'again') return outcome === 0 ? progress.pages : outcome;
  }
}

/** Removes dmas up to the first that an emulated device has pinned; it is told, and everything starts again. */
function* removeDmas(
  iommu: VfioIommu,
  task: Task,
  iovaPage: number,
  pages: number,
  bitmap: UserBitmap | null,
  progress: Progress,
): Op<0 | Errno | 'again'> {
  let dma = yield* vfioFindDma(iommu, iovaPage, pages);
  while (dma !== null && dma.iovaPage < iovaPage + pages) {
    // v1: a range that starts inside a dma removes nothing.
    if (!iommu.v2 && iovaPage > dma.iovaPage) break;
    if (!(yield* iommu.system.era.type1.mayUnmap(dma, task))) break;
    const dmaPages = (yield* dma.state.load()).pages;
    const { iovaPage: first } = dma;
    if (yield* iommu.externalPins.read((tree) => tree.size > 0 && tree.hasIn(first, dmaPages))) {
      countRetry(progress, dma);
      yield* notifyDmaUnmap(iommu, first, dmaPages);
      return 'again';
    }
    if (bitmap !== null) {
      const error = yield* updateUserBitmap(task, bitmap, dma, iovaPage);
      if (error !== 0) return error;
    }
    const next: VfioDma | null = yield* nextDma(iommu, dma);
    progress.pages += dmaPages;
    yield* vfioRemoveDma(dma);
    dma = next;
  }
  return 0;
}

function countRetry(progress: Progress, dma: VfioDma): void {
  if (progress.notified !== dma) {
    progress.notified = dma;
    progress.retries = 0;
    return;
  }
  progress.retries++;
  if (progress.retries > MOST_RETRIES) throw new KernelBug('a device does not unpin what is to be unmapped');
}

/** Marks the dmas of the range; one that is marked already undoes the marks made so far. */
function* invalidateVaddrs(iommu: VfioIommu, iovaPage: number, pages: number): Op<number | Errno> {
  const marked: VfioDma[] = [];
  let count = 0;
  let dma = yield* vfioFindDma(iommu, iovaPage, pages);
  while (dma !== null && dma.iovaPage < iovaPage + pages) {
    if (!iommu.v2 && iovaPage > dma.iovaPage) break;
    const state = yield* dma.state.load();
    if (state.vaddrInvalid) {
      for (const undone of marked) yield* setVaddrInvalid(undone, false);
      return 'EINVAL';
    }
    yield* setVaddrInvalid(dma, true);
    marked.push(dma);
    count += state.pages;
    dma = yield* nextDma(iommu, dma);
  }
  return count;
}

function* setVaddrInvalid(dma: VfioDma, vaddrInvalid: boolean): Op<void> {
  const { vaddrInvalidCount } = dma.iommu;
  yield* dma.state.store({ ...(yield* dma.state.load()), vaddrInvalid });
  yield* vaddrInvalidCount.store((yield* vaddrInvalidCount.load()) + (vaddrInvalid ? 1 : -1));
}
