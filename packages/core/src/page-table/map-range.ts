/**
 * Mapping a range: the largest leaves that fit, tables made as they are needed, no rollback.
 *
 * Follows the semantics of Linux's generic_pt (`iommu_pt.h`): a leaf may replace tables that map nothing, anything
 * else in the way is refused, and what was mapped before an error stays mapped.
 */
import { pageWithin } from '../address';
import { ERRNO } from '../errno';
import { type LeafSize, NEXT_EMPTY, NEXT_LEAF, placeLevel, placeWord } from './format';
import type { Tree } from './tree';

function aligned(page: number, pages: number): boolean {
  return pages <= 0x40000000 ? pageWithin(page, pages) === 0 : page % pages === 0;
}

/** Index of the largest leaf size that fits at this place; -1 when not even the granule does. */
function largestSize(
  sizes: readonly LeafSize[],
  iovaPage: number,
  physicalPage: number,
  pages: number,
): number {
  let size = sizes.length - 1;
  while (size >= 0) {
    const leafPages = (sizes[size] as LeafSize).pages;
    if (leafPages <= pages && aligned(iovaPage, leafPages) && aligned(physicalPage, leafPages)) break;
    size--;
  }
  return size;
}

/** Whether nothing is mapped under the table at `page`. */
function mapsNothing(tree: Tree, page: number, level: number): boolean {
  const base = tree.baseOf(page);
  if (base < 0) return false;
  const end = base + ((tree.masks[level] as number) + 1) * tree.step;
  for (let at = base; at < end; at += tree.step) {
    const next = tree.nextAt(at, level);
    if (next === NEXT_LEAF) return false;
    if (next !== NEXT_EMPTY && !mapsNothing(tree, next, level - 1)) return false;
  }
  return true;
}

/** Puts the table at `page` and all tables under it on the gather list. */
function gatherAll(tree: Tree, page: number, level: number): void {
  const base = tree.baseOf(page);
  const end = base + ((tree.masks[level] as number) + 1) * tree.step;
  for (let at = base; level > 0 && at < end; at += tree.step) {
    const next = tree.nextAt(at, level);
    if (next >= 0) gatherAll(tree, next, level - 1);
  }
  tree.gather(page, level);
}

/** Empties the entry at word index `at` for a leaf; false when something is mapped there or below. */
function makeRoom(tree: Tree, at: number, level: number): boolean {
  const next = tree.nextAt(at, level);
  if (next === NEXT_LEAF) return false;
  if (next !== NEXT_EMPTY && !mapsNothing(tree, next, level - 1)) return false;
  tree.clearAt(at, 1);
  if (next >= 0) gatherAll(tree, next, level - 1);
  return true;
}

/** Base of the table at `level` on the way to `iovaPage`, made where missing; negated errno otherwise. */
function tableFor(tree: Tree, iovaPage: number, level: number): number {
  if (level === 0 && tree.lastLeafMaps(iovaPage)) return tree.leafBase;
  let base = tree.rootBase;
  for (let at = tree.topLevel; at > level; ) {
    const place = tree.codec.descend(tree, base, at, level, iovaPage);
    const word = placeWord(place);
    at = placeLevel(place);
    base = tree.tableBase(word, at, iovaPage);
    if (at === level) break;
    const next = tree.nextAt(word, at);
    if (next === NEXT_LEAF) return tree.occupiedError;
    if (next !== NEXT_EMPTY) return -ERRNO.EFAULT; // a pointer was overwritten and leads out of the arena
    const page = tree.addTable(word, at);
    if (page < 0) return page;
    base = tree.baseOf(page);
    at--;
  }
  if (level === 0) tree.rememberLeaf(iovaPage, base);
  return base;
}

/** Leaves of one size that follow each other in one table before a larger size becomes possible. */
function runLength(
  tree: Tree,
  size: number,
  index: number,
  iovaPage: number,
  physicalPage: number,
  pages: number,
) {
  const { pages: leafPages, level, entries } = tree.geometry.leafSizes[size] as LeafSize;
  const room = ((tree.masks[level] as number) + 1 - index) / entries;
  const run = pages < leafPages * room ? (pages / leafPages) | 0 : room;
  const sizes = tree.geometry.leafSizes;
  if (size + 1 === sizes.length) return run;
  // A larger leaf of a higher level begins where this table ends; one of the same level may begin within it.
  const larger = sizes[size + 1] as LeafSize;
  if (larger.level !== level) return run;
  if (!aligned(Math.abs(iovaPage - physicalPage), larger.pages)) return run;
  return Math.min(run, (larger.pages - (iovaPage % larger.pages)) / leafPages) | 0;
}

/** Writes `run` leaves from word index `start` on; how many were written before something was in the way. */
function fill(
  tree: Tree,
  size: number,
  start: number,
  run: number,
  physicalPage: number,
  prot: number,
): number {
  const { pages, level, entries } = tree.geometry.leafSizes[size] as LeafSize;
  const stride = entries * tree.step;
  tree.touch(start, run * stride);
  let written = tree.codec.fill(tree.words, start, run, physicalPage, size, prot);
  while (written < run) {
    const at = start + written * stride;
    for (let entry = 0; entry < entries; entry++) {
      if (!makeRoom(tree, at + entry * tree.step, level)) return written;
    }
    written += tree.codec.fill(tree.words, at, run - written, physicalPage + written * pages, size, prot);
  }
  return written;
}

/**
 * Maps `pages` pages. 0 or a negated errno; `tree.mappedPages` says how many were mapped either way.
 * EINVAL: no pages, or protection bits that the format refuses. ENXIO: below the granule. ERANGE: past the input or
 * output width. The format's `occupied` errno: something is mapped there. ENOMEM: no page for a table.
 */
export function mapRange(
  tree: Tree,
  iovaPage: number,
  physicalPage: number,
  pages: number,
  prot: number,
): number {
  tree.mappedPages = 0;
  if (!(pages > 0) || tree.rootBase < 0) return -ERRNO.EINVAL;
  const refused = tree.protectionErrors[prot];
  if (refused !== 0) return refused ?? -ERRNO.EINVAL;
  if (iovaPage + pages > tree.inputPages || physicalPage + pages > tree.outputPages) return -ERRNO.ERANGE;
  // Within the leaf table used last, and less than a larger leaf: no walk, and no choice of sizes.
  const index = tree.indexAt(iovaPage, 0);
  const inOneLeafTable = index + pages <= (tree.masks[0] as number) + 1;
  if (pages < tree.smallLeavesBelow && inOneLeafTable && tree.lastLeafMaps(iovaPage)) {
    const count = pages | 0;
    const at = tree.leafBase + index * tree.step;
    tree.touch(at, count * tree.step);
    const written = tree.codec.fill(tree.words, at, count, physicalPage, 0, prot);
    tree.entryWrites += written;
    tree.mappedPages = written;
    if (written === pages) return 0;
  }
  return mapRuns(tree, iovaPage, physicalPage, pages, prot);
}

/** The rest of a map whose first `tree.mappedPages` pages are done, run by run. */
function mapRuns(tree: Tree, iovaPage: number, physicalPage: number, pages: number, prot: number): number {
  const sizes = tree.geometry.leafSizes;
  let done = tree.mappedPages;
  while (done < pages) {
    const iova = iovaPage + done;
    const physical = physicalPage + done;
    const size = largestSize(sizes, iova, physical, pages - done);
    if (size < 0) return -ERRNO.ENXIO;
    const leaf = sizes[size] as LeafSize;
    const base = tableFor(tree, iova, leaf.level);
    if (base < 0) return base;
    const index = tree.indexAt(iova, leaf.level);
    const run = runLength(tree, size, index, iova, physical, pages - done);
    const written = fill(tree, size, base + index * tree.step, run, physical, prot);
    tree.entryWrites += written * leaf.entries;
    done += written * leaf.pages;
    tree.mappedPages = done;
    if (written < run) return tree.occupiedError;
  }
  return 0;
}
