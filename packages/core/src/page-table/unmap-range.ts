/**
 * Unmapping a range, with the semantics of Linux's generic_pt (`iommu_pt.h`).
 *
 * It stops at the first hole. A start inside a large page removes nothing; an end inside one removes the whole page,
 * so the answer can be larger than the range. Tables that the range covers wholly go to the gather list: hardware may
 * have cached pointers to them, so they are freed only after the flush.
 */
import { pageWithin, powerOfTwo } from '../address';
import { type LeafSize, NEXT_EMPTY, NEXT_LEAF } from './format';
import type { Tree } from './tree';

/** Where the recursive walk stands; one for each tree, reused by every call. */
export class UnmapCursor {
  page = 0;
  end = 0;
  removed = 0;
  stopped = false;
}

function isAligned(page: number, pages: number): boolean {
  return pages <= 0x40000000 ? pageWithin(page, pages) === 0 : page % pages === 0;
}

function removeLeaf(tree: Tree, cursor: UnmapCursor, at: number, level: number): void {
  const { words, codec } = tree;
  const size = codec.leafSize(words[at] as number, tree.secondAt(at), level);
  const leaf = tree.geometry.leafSizes[size] as LeafSize;
  if (!isAligned(cursor.page, leaf.pages)) {
    cursor.stopped = true;
    return;
  }
  tree.clearAt(at, leaf.entries);
  cursor.page += leaf.pages;
  cursor.removed += leaf.pages;
}

function removeTable(tree: Tree, cursor: UnmapCursor, at: number, table: number, level: number): void {
  const reach = tree.reachPages(level);
  const covered = isAligned(cursor.page, reach) && cursor.page + reach <= cursor.end;
  const base = tree.baseOf(table);
  if (level === 1 && base >= 0) tree.rememberLeaf(cursor.page, base);
  removeIn(tree, cursor, base, level - 1);
  if (cursor.stopped || !covered) return;
  tree.clearAt(at, 1);
  tree.gather(table, level - 1);
}

/** Removes a run of single leaves in the level-0 table at `base`. */
function removeRun(tree: Tree, cursor: UnmapCursor, base: number): void {
  const granule = tree.geometry.granulePages;
  const index = tree.indexAt(cursor.page, 0);
  const room = (tree.masks[0] as number) + 1 - index;
  const wanted = Math.min(room, Math.ceil((cursor.end - cursor.page) / granule)) | 0;
  const at = base + index * tree.step;
  tree.touch(at, wanted * tree.step);
  const cleared = tree.codec.clear(tree.words, at, wanted);
  tree.entryWrites += cleared;
  cursor.page += cleared * granule;
  cursor.removed += cleared * granule;
  cursor.stopped = cleared < wanted;
}

/** Removes what the cursor's range holds in the table at `base`, from the cursor's page to the table's end. */
function removeIn(tree: Tree, cursor: UnmapCursor, base: number, level: number): void {
  if (base < 0) {
    cursor.stopped = true;
    return;
  }
  if (level === 0 && tree.plainLeaves) {
    removeRun(tree, cursor, base);
    return;
  }
  const entries = (tree.masks[level] as number) + 1;
  let index = tree.indexAt(cursor.page, level);
  tree.touch(base + index * tree.step, (entries - index) * tree.step);
  while (!cursor.stopped && cursor.page < cursor.end) {
    const at = base + index * tree.step;
    const next = tree.nextAt(at, level);
    if (next === NEXT_EMPTY) cursor.stopped = true;
    else if (next === NEXT_LEAF) removeLeaf(tree, cursor, at, level);
    else removeTable(tree, cursor, at, next, level);
    index = tree.indexAt(cursor.page, level);
    if (index === 0) return; // the table's end was reached
  }
}

/** Removes mappings from `iovaPage` on; the number of pages removed, 0 for a range past the input width. */
export function unmapRange(tree: Tree, cursor: UnmapCursor, iovaPage: number, pages: number): number {
  if (!(pages > 0) || iovaPage + pages > tree.inputPages || tree.rootBase < 0) return 0;
  cursor.page = iovaPage;
  cursor.end = iovaPage + pages;
  cursor.removed = 0;
  cursor.stopped = false;
  // Within the leaf table used last, and not all of it (then its pointer would have to go too): no walk is needed.
  const tablePages = powerOfTwo(tree.leafShift);
  const inOneTable = pages < tablePages && pageWithin(iovaPage, tablePages) + pages <= tablePages;
  if (inOneTable && tree.lastLeafMaps(iovaPage)) removeIn(tree, cursor, tree.leafBase, 0);
  else removeIn(tree, cursor, tree.rootBase, tree.topLevel);
  return cursor.removed;
}
