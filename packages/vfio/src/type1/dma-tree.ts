/**
 * Finding, linking and unlinking the dmas of a container. `@kernel vfio_find_dma, vfio_link_dma, vfio_unlink_dma`
 * What is found at the end of the address space: address-limit.ts. Precondition of everything here: the container's lock is held.
 */
import type { Step } from '@iommu-lab/explorer';
import type { VfioDma } from './dma';
import type { PageTree } from './page-tree';
import type { VfioIommu } from './vfio-iommu';

/** The dma with the lowest iova among those that overlap [page, page + pages), or null. */
export function vfioFindDma(iommu: VfioIommu, page: number, pages: number): Step<VfioDma | null> {
  const lostFrom = lostFromPage(iommu);
  return iommu.dmas.read((tree) => firstOverlap(tree, page, pages, lostFrom));
}

/** Whether a dma reaches over either end of [page, page + pages). */
export function rangeCutsDma(iommu: VfioIommu, page: number, pages: number): Step<boolean> {
  const lostFrom = lostFromPage(iommu);
  return iommu.dmas.read((tree) => {
    const first = firstOverlap(tree, page, 1, lostFrom);
    if (first !== null && first.iovaPage !== page) return true;
    const last = firstOverlap(tree, page + pages - 1, 1, lostFrom);
    return last !== null && last.endPage !== page + pages;
  });
}

function lostFromPage({ system }: VfioIommu): number {
  return system.era.type1.addressLimit.lostFromPage;
}

function firstOverlap(
  tree: PageTree<VfioDma>,
  page: number,
  pages: number,
  lostFrom: number,
): VfioDma | null {
  const end = page + pages;
  if (end >= lostFrom) return null;
  const before = tree.atOrBelow(page);
  if (before !== undefined && before.endPage > page) return findable(before, lostFrom);
  const after = tree.above(page);
  return after !== undefined && after.iovaPage < end ? findable(after, lostFrom) : null;
}

function findable(dma: VfioDma, lostFrom: number): VfioDma | null {
  return dma.endPage >= lostFrom ? null : dma;
}

/** The next dma above, or null. */
export function nextDma(iommu: VfioIommu, dma: VfioDma): Step<VfioDma | null> {
  const lostFrom = lostFromPage(iommu);
  return iommu.dmas.read((tree) => {
    const next = tree.above(dma.iovaPage);
    return next === undefined ? null : findable(next, lostFrom);
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
