/**
 * Finding, linking and unlinking the dmas of a container. `@kernel vfio_find_dma, vfio_link_dma, vfio_unlink_dma`
 *
 * The kernels before 7.0 compare sums of 64 bits, so a range whose end is 2^64 ends at 0 for them: such a dma can be
 * made and is never found again, and a request that ends there finds nothing (recorded with AMD's 64-bit aperture).
 * Precondition of everything here: the container's lock is held.
 */
import type { Step } from '@iommu-lab/explorer';
import type { VfioDma } from './dma';
import type { PageTree } from './page-tree';
import type { VfioIommu } from './vfio-iommu';

/** First page number after the 64-bit address space. */
export const ADDRESS_SPACE_PAGES = 2 ** 52;

/** The dma with the lowest iova among those that overlap [page, page + pages), or null. */
export function vfioFindDma(iommu: VfioIommu, page: number, pages: number): Step<VfioDma | null> {
  return iommu.dmas.read((tree) => firstOverlap(tree, page, pages));
}

/** Whether a dma reaches over either end of [page, page + pages). */
export function rangeCutsDma(iommu: VfioIommu, page: number, pages: number): Step<boolean> {
  return iommu.dmas.read((tree) => {
    const first = firstOverlap(tree, page, 1);
    if (first !== null && first.iovaPage !== page) return true;
    const last = firstOverlap(tree, page + pages - 1, 1);
    return last !== null && last.endPage !== page + pages;
  });
}

function firstOverlap(tree: PageTree<VfioDma>, page: number, pages: number): VfioDma | null {
  const end = page + pages;
  if (end >= ADDRESS_SPACE_PAGES) return null;
  const before = tree.atOrBelow(page);
  if (before !== undefined && before.endPage > page) return findable(before);
  const after = tree.above(page);
  return after !== undefined && after.iovaPage < end ? findable(after) : null;
}

function findable(dma: VfioDma): VfioDma | null {
  return dma.endPage >= ADDRESS_SPACE_PAGES ? null : dma;
}

/** The next dma above, or null. */
export function nextDma(iommu: VfioIommu, dma: VfioDma): Step<VfioDma | null> {
  return iommu.dmas.read((tree) => {
    const next = tree.above(dma.iovaPage);
    return next === undefined ? null : findable(next);
  });
}

/** All dmas by ascending iova, as they are now. */
export function allDmas(iommu: VfioIommu): Step<readonly VfioDma[]> {
  return iommu.dmas.read((tree) => tree.values());
}

/** Precondition: nothing overlaps it. `@kernel vfio_link_dma` */
export function vfioLinkDma(iommu: VfioIommu, dma: VfioDma): Step<void> {
  return iommu.dmas.change({
    apply: (tree) => tree.set(dma.iovaPage, dma),
    undo: (tree) => tree.delete(dma.iovaPage),
  });
}

/** `@kernel vfio_unlink_dma` */
export function vfioUnlinkDma(iommu: VfioIommu, dma: VfioDma): Step<void> {
  return iommu.dmas.change({
    apply: (tree) => tree.delete(dma.iovaPage),
    undo: (tree) => tree.set(dma.iovaPage, dma),
  });
}
