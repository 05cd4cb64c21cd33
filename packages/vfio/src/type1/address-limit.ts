/**
 * The end of the address space. Up to 6.12 type1 computes with the first address behind a range, which is 0 for one
 * that reaches the last page: such a dma can be made and is never found again, and a request that ends there finds
 * nothing (recorded with AMD's 64-bit aperture). 7.2 computes with the last address of a range.
 */
import type { Errno } from '@iommu-lab/core';

/** First page number after the 64-bit address space. */
const ADDRESS_SPACE_PAGES = 2 ** 52;
const LAST_ADDRESS = 0xffff_ffff_ffff_ffffn;

/** What MAP asks for, in bytes. */
export interface MapRange {
  readonly iova: bigint;
  readonly vaddr: bigint;
  readonly sizeBytes: bigint;
}

export interface AddressLimit {
  /** The answer to a range that wraps around the end of the address space. */
  readonly wrapErrno: Errno;
  /** EINVAL: nothing, or not aligned to `granuleBytes`. `wrapErrno`: iova or vaddr wraps. Which comes first differs. */
  checkMap(range: MapRange, granuleBytes: bigint): 0 | Errno;
  /** Whether a range whose dirty bitmap is asked for counts as wrapping. */
  dirtyRangeWraps(iova: bigint, sizeBytes: bigint): boolean;
  /** Pages that UNMAP with ALL covers. */
  readonly unmapAllPages: number;
  /** The end (first page behind) from which on neither a range nor a dma is found. */
  readonly lostFromPage: number;
}

/** Whether the range's last address lies behind the last one there is. */
export function lastWraps(first: bigint, sizeBytes: bigint): boolean {
  return first + sizeBytes - 1n > LAST_ADDRESS;
}

function misaligned({ iova, vaddr, sizeBytes }: MapRange, granuleBytes: bigint): boolean {
  return ((sizeBytes | iova | vaddr) & (granuleBytes - 1n)) !== 0n;
}

function mapWraps({ iova, vaddr, sizeBytes }: MapRange): boolean {
  return lastWraps(iova, sizeBytes) || lastWraps(vaddr, sizeBytes);
}

/** `@kernel vfio_dma_do_map`, `vfio_find_dma` (read in 6.12; recorded) */
export const LIMIT_BY_END: AddressLimit = {
  wrapErrno: 'EINVAL',
  checkMap(range, granuleBytes) {
    if (range.sizeBytes === 0n || misaligned(range, granuleBytes)) return 'EINVAL';
    return mapWraps(range) ? 'EINVAL' : 0;
  },
  dirtyRangeWraps: (iova, sizeBytes) => iova + sizeBytes > LAST_ADDRESS,
  // The kernel passes the largest number as size, which stops one page short of the end.
  unmapAllPages: ADDRESS_SPACE_PAGES - 1,
  lostFromPage: ADDRESS_SPACE_PAGES,
};

/** `@kernel vfio_dma_do_map`, `vfio_find_dma` (recorded on 7.2) */
export const LIMIT_BY_LAST: AddressLimit = {
  wrapErrno: 'EOVERFLOW',
  checkMap(range, granuleBytes) {
    if (range.sizeBytes === 0n) return 'EINVAL';
    if (mapWraps(range)) return 'EOVERFLOW';
    return misaligned(range, granuleBytes) ? 'EINVAL' : 0;
  },
  dirtyRangeWraps: lastWraps,
  unmapAllPages: ADDRESS_SPACE_PAGES,
  lostFromPage: ADDRESS_SPACE_PAGES + 1,
};
