/**
 * Mapping a range: the largest leaves that fit, tables made as they are needed, no rollback.
 *
 * Follows the semantics of Linux's generic_pt (`iommu_pt.h`): a leaf may replace tables that map nothing, anything
 * else in the way is refused, and what was mapped before an error stays mapped.
 */
import { ERRNO } from '../errno';
import { ENTRY_EMPTY, ENTRY_LEAF, type LeafSize } from './format';
import type { Tree } from './tree';

function aligned(page: number, pages: number): boolean {
  // For sizes below 2^31 the low 32 bits of a page number decide.
  return pages <= 0x40000000 ? (page & (pages - 1)) === 0 : page % pages === 0;
}

function fits(size: LeafSize, iovaPage: number, physicalPage: number, pages: number): boolean {
  return size.pages <= pages && aligned(iovaPage, size.pages) && aligned(physicalPage, size.pages);
}

/** Index of the largest leaf size that fits at this place; -1 when not even the granule does. */
function largestSize(
  sizes: readonly LeafSize[],
  iovaPage: number,
  physicalPage: number,
  pages: number,
): number {
  for (let size = sizes.length - 1; size >= 0; size--) {
    if (fits(sizes[size] as LeafSize, iovaPage, physicalPage, pages)) return size;
  }
  return -1;
}

/** Whether nothing is mapped under the table at `page`. */
function mapsNothing(tree: Tree, page: number, level: number): boolean {
  const base = tree.baseOf(page);
  if (base < 0) return false;
  const step = tree.geometry.entryWords;
  const end = base + 2 ** (tree.geometry.indexBits[level] as number) * step;
  for (let at = base; at < end; at += step) {
    const kind = tree.kindAt(at, level);
    if (kind === ENTRY_LEAF) return false;
    if (kind !== ENTRY_EMPTY && !mapsNothing(tree, tree.targetAt(at, level), level - 1)) return false;
  }
  return true;
}

/** Puts the table at `page` and all tables under it on the gather list. */
function gatherAll(tree: Tree, page: number, level: number): void {
  const base = tree.baseOf(page);
  const step = tree.geometry.entryWords;
  if (level > 0) {
    const end = base + 2 ** (tree.geometry.indexBits[level] as number) * step;
    for (let at = base; at < end; at += step) {
      if (tree.kindAt(at, level) !== ENTRY_EMPTY) gatherAll(tree, tree.targetAt(at, level), level - 1);
    }
  }
  for (let n = 0; n < (tree.geometry.tablePages[level] as number); n++) tree.gather(page + n);
}

/** Makes the entry at word index `at` usable for a leaf; 0 or the negated errno of an occupied place. */
function clearForLeaf(tree: Tree, at: number, level: number): number {
  const kind = tree.kindAt(at, level);
  if (kind === ENTRY_EMPTY) return 0;
  if (kind === ENTRY_LEAF) return tree.occupiedError;
  const table = tree.targetAt(at, level);
  if (!mapsNothing(tree, table, level - 1)) return tree.occupiedError;
  tree.clearAt(at, 1);
  gatherAll(tree, table, level - 1);
  return 0;
}

/** Base of the table at `level` on the way to `iovaPage`, made where missing; negated errno otherwise. */
function tableFor(tree: Tree, iovaPage: number, level: number): number {
  if (level === 0) {
    const last = tree.lastLeafBase(iovaPage);
    if (last >= 0) return last;
  }
  let base = tree.baseOf(tree.rootPage);
  for (let at = tree.topLevel; at > level; at--) {
    const word = base + tree.indexAt(iovaPage, at) * tree.geometry.entryWords;
    const kind = tree.kindAt(word, at);
    if (kind === ENTRY_LEAF) return tree.occupiedError;
    const page = kind === ENTRY_EMPTY ? tree.addTable(word, at) : tree.targetAt(word, at);
    if (page < 0) return page;
    base = tree.baseOf(page);
    if (base < 0) return -ERRNO.EFAULT; // a pointer was overwritten and leads out of the arena
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
  let run = Math.min(((tree.masks[level] as number) + 1 - index) / entries, Math.floor(pages / leafPages));
  const larger = tree.geometry.leafSizes[size + 1];
  if (larger !== undefined && aligned(Math.abs(iovaPage - physicalPage), larger.pages)) {
    const before = (larger.pages - (iovaPage % larger.pages)) / leafPages;
    if (before < run) run = before;
  }
  return run;
}

/** Whether the `entries` entries from word index `at` are free for one leaf, empty tables in them removed. */
function makeRoom(tree: Tree, at: number, entries: number, level: number): boolean {
  const step = tree.geometry.entryWords;
  for (let n = 0; n < entries; n++) {
    if (clearForLeaf(tree, at + n * step, level) !== 0) return false;
  }
  return true;
}

/** Writes `run` leaves from `index` of the table at `base`; how many were written before something was in the way. */
function fill(
  tree: Tree,
  size: number,
  base: number,
  index: number,
  run: number,
  physicalPage: number,
  prot: number,
) {
  const { pages, level, entries } = tree.geometry.leafSizes[size] as LeafSize;
  const { words, codec } = tree;
  const wide = tree.geometry.entryWords === 2;
  const step = tree.geometry.entryWords;
  let at = base + index * step;
  let page = physicalPage;
  tree.touch(at, run * entries * step);
  for (let n = 0; n < run; n++) {
    const occupied = entries > 1 || words[at] !== 0 || (wide && words[at + 1] !== 0);
    if (occupied && !makeRoom(tree, at, entries, level)) return n;
    const first = codec.leafFirst(page, size, prot);
    const second = codec.leafSecond(page, size, prot);
    for (let e = 0; e < entries; e++) {
      words[at] = first;
      if (wide) words[at + 1] = second;
      at += step;
    }
    page += pages;
  }
  return run;
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
  if (!(pages > 0) || tree.rootPage < 0) return -ERRNO.EINVAL;
  const refused = tree.codec.protectionError(prot);
  if (refused !== 0) return refused;
  if (!(iovaPage + pages <= tree.inputPages && physicalPage + pages <= tree.outputPages))
    return -ERRNO.ERANGE;
  const sizes = tree.geometry.leafSizes;
  let done = 0;
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
    const written = fill(tree, size, base, index, run, physical, prot);
    tree.entryWrites += written * leaf.entries;
    done += written * leaf.pages;
    tree.mappedPages = done;
    if (written < run) return tree.occupiedError;
  }
  return 0;
}
