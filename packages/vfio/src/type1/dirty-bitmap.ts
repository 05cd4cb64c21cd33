/**
 * The bitmap that user space reads: one bit for each page of the container's smallest size, in little-endian words of
 * 64 bits. Words are copied whole, so that two dmas that share a word are merged through user memory; the bits of
 * holes are not written. `@kernel update_user_bitmap, vfio_iova_dirty_bitmap, verify_bitmap_size`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import { clearDirty, dirtyUnitPages, populatePinned } from './dirty';
import type { VfioDma } from './dma';
import { allDmas, rangeCutsDma } from './dma-tree';
import { DIRTY_BITMAP_MAX_BYTES } from './uapi';
import type { VfioIommu } from './vfio-iommu';

const WORD_BITS = 64;
const WORD_BYTES = 8;

/** Where user space wants a bitmap. (struct vfio_bitmap) */
export interface UserBitmap {
  readonly pageBytes: bigint;
  readonly sizeBytes: bigint;
  /** Its address in the caller's memory. */
  readonly data: bigint;
}

/** End of the addresses that user space may name. `@kernel access_ok, TASK_SIZE_MAX` */
const USER_SPACE_END = 1n << 47n;

/**
 * Whether the bitmap lies in user space and has room for `rangeBytes`; a larger one is fine.
 * EINVAL otherwise, and for a page size of 0, which the kernel does not expect.
 */
export function verifyUserBitmap(bitmap: UserBitmap, rangeBytes: bigint): 0 | Errno {
  if (bitmap.pageBytes === 0n) return 'EINVAL';
  if (bitmap.data + bitmap.sizeBytes > USER_SPACE_END) return 'EINVAL';
  // The kernel takes the lowest bit of the page size; that it is the smallest page is tested later.
  const bits = rangeBytes / (bitmap.pageBytes & -bitmap.pageBytes);
  const needed = ((bits + 63n) / 64n) * 8n;
  const fits = bitmap.sizeBytes <= BigInt(DIRTY_BITMAP_MAX_BYTES) && bitmap.sizeBytes >= needed;
  return bits === 0n || bitmap.sizeBytes === 0n || !fits ? 'EINVAL' : 0;
}

/**
 * Writes the bits of one dma into the bitmap of a range that starts at `basePage`.
 * Precondition: the container's lock is held, tracking is on. EFAULT: the bitmap cannot be read or written.
 */
export function* updateUserBitmap(
  task: Task,
  bitmap: UserBitmap,
  dma: VfioDma,
  basePage: number,
): Op<0 | Errno> {
  const { iommu } = dma;
  const unitPages = yield* dirtyUnitPages(iommu);
  const state = yield* dma.state.load();
  const writesAnything = (yield* iommu.nonPinnedGroups.load()) > 0 && state.iommuMapped;
  const firstBit = (dma.iovaPage - basePage) / unitPages;
  const shift = firstBit % WORD_BITS;
  const bits = state.pages / unitPages;
  const address = bitmap.data + BigInt(((firstBit - shift) / WORD_BITS) * WORD_BYTES);
  const words = new Uint8Array(Math.ceil((shift + bits) / WORD_BITS) * WORD_BYTES);
  if (shift > 0) {
    const before = new Uint8Array(WORD_BYTES);
    if (task.mm.readBytes(address, before) !== 0) return 'EFAULT';
    for (let bit = 0; bit < shift; bit++) if (testBit(before, bit)) setBit(words, bit);
  }
  if (writesAnything || state.allDirty) {
    for (let bit = 0; bit < bits; bit++) setBit(words, shift + bit);
  } else {
    const marked = yield* iommu.dirtyPages.read((tree) => tree.keysIn(dma.iovaPage, state.pages));
    for (const page of marked) setBit(words, shift + Math.floor((page - dma.iovaPage) / unitPages));
  }
  return task.mm.writeBytes(address, words) === 0 ? 0 : 'EFAULT';
}

function setBit(words: Uint8Array, bit: number): void {
  const byte = bit >> 3;
  words[byte] = (words[byte] as number) | (1 << (bit & 7));
}

function testBit(words: Uint8Array, bit: number): boolean {
  return (((words[bit >> 3] as number) >> (bit & 7)) & 1) === 1;
}

/**
 * Reports the range and starts afresh: what was read is clean, except for pages that are still pinned.
 * Precondition: the container's lock is held, tracking is on. EINVAL: the range cuts a dma. EFAULT: the bitmap.
 */
export const vfioIovaDirtyBitmap = kernelFunction(
  'vfio_iova_dirty_bitmap',
  function* vfioIovaDirtyBitmap(
    iommu: VfioIommu,
    task: Task,
    bitmap: UserBitmap,
    iovaPage: number,
    pages: number,
  ): Op<0 | Errno> {
    if (yield* rangeCutsDma(iommu, iovaPage, pages)) return 'EINVAL';
    for (const dma of yield* allDmas(iommu)) {
      if (dma.iovaPage < iovaPage || dma.iovaPage >= iovaPage + pages) continue;
      const error = yield* updateUserBitmap(task, bitmap, dma, iovaPage);
      if (error !== 0) return error;
      yield* clearDirty(dma);
      yield* populatePinned(dma);
    }
    return 0;
  },
);
