/** The page sizes that all domains of a container have. `@kernel vfio_update_pgsize_bitmap` */
import type { Op } from '@iommu-lab/explorer';
import { ALL_PAGE_SIZES, type VfioIommu } from './vfio-iommu';

const PAGE_BYTES = 4096n;

/** The smallest page of a bitmap, in bytes. */
export function smallestPageBytes(pageSizes: bigint): bigint {
  return pageSizes & -pageSizes;
}

/**
 * The intersection over the domains. Sizes below the CPU's page are hidden and count as that page: memory is pinned in
 * no smaller pieces. Precondition: the container's lock is held.
 */
export function* vfioUpdatePgsizeBitmap(iommu: VfioIommu): Op<void> {
  let sizes = (1n << 64n) - 1n;
  for (const { domain } of yield* iommu.domains.load())
    sizes &= domain.geometry.readInStep()?.pageSizes ?? sizes;
  const hasSmaller = (sizes & (PAGE_BYTES - 1n)) !== 0n;
  yield* iommu.pageSizes.store(hasSmaller ? (sizes & ALL_PAGE_SIZES) | PAGE_BYTES : sizes);
}
