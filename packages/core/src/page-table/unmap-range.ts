/**
 * Unmapping a range, with the semantics of Linux's generic_pt (`iommu_pt.h`).
 *
 * It stops at the first hole. A start inside a large page removes nothing; an end inside one removes the whole page,
 * so the answer can be larger than the range. Tables that the range covers wholly go to the gather list: hardware may
 * have cached pointers to them, so they are freed only after the flush.
 */
import { ENTRY_EMPTY, ENTRY_LEAF, type LeafSize } from './format';
import type { Tree } from './tree';

/** Where the recursive walk stands; one for each tree, reused by every call. */
export class UnmapCursor {
  page = 0;
  end = 0;
  removed = 0;
  stopped = false;
}

function removeLeaf(tree: Tree, cursor: UnmapCursor, at: number, level: number): void {
  const { words, codec } = tree;
  const size = codec.leafSize(words[at] as number, tree.secondAt(at), level);
  const leaf = tree.geometry.leafSizes[size] as LeafSize;
  if (cursor.page % leaf.pages !== 0) {
    cursor.stopped = true;
    return;
  }
  tree.clearAt(at, leaf.entries);
  cursor.page += leaf.pages;
  cursor.removed += leaf.pages;
}

function removeTable(tree: Tree, cursor: UnmapCursor, at: number, level: number): void {
  const reach = tree.reachPages(level);
  const covered = cursor.page % reach === 0 && cursor.page + reach <= cursor.end;
  const table = tree.targetAt(at, level);
  const base = tree.baseOf(table);
  if (level === 1 && base >= 0) tree.rememberLeaf(cursor.page, base);
  removeIn(tree, cursor, base, level - 1);
  if (cursor.stopped || !covered) return;
  tree.clearAt(at, 1);
  for (let n = 0; n < (tree.geometry.tablePages[level - 1] as number); n++) tree.gather(table + n);
}

/** Removes what the cursor's range holds in the table at `base`, from the cursor's page to the table's end. */
function removeIn(tree: Tree, cursor: UnmapCursor, base: number, level: number): void {
  if (base < 0) {
    cursor.stopped = true;
    return;
  }
  const step = tree.geometry.entryWords;
  const entries = (tree.masks[level] as number) + 1;
  const reach = tree.reachPages(level);
  let index = tree.indexAt(cursor.page, level);
  tree.touch(
    base + index * step,
    Math.min(entries - index, Math.ceil((cursor.end - cursor.page) / reach) + 1) * step,
  );
  while (!cursor.stopped && index < entries && cursor.page < cursor.end) {
    const at = base + index * step;
    const kind = tree.kindAt(at, level);
    if (kind === ENTRY_EMPTY) cursor.stopped = true;
    else if (kind === ENTRY_LEAF) removeLeaf(tree, cursor, at, level);
    else removeTable(tree, cursor, at, level);
    index = tree.indexAt(cursor.page, level);
    if (index === 0) return; // the table's end was reached
  }
}

/** Removes mappings from `iovaPage` on; the number of pages removed, 0 for a range past the input width. */
export function unmapRange(tree: Tree, cursor: UnmapCursor, iovaPage: number, pages: number): number {
  if (!(pages > 0 && iovaPage + pages <= tree.inputPages) || tree.rootPage < 0) return 0;
  cursor.page = iovaPage;
  cursor.end = iovaPage + pages;
  cursor.removed = 0;
  cursor.stopped = false;
  const leafBase = tree.lastLeafBase(iovaPage);
  const entries = (tree.masks[0] as number) + 1;
  // Within the leaf table used last, and not all of it (then its pointer would have to go too): no walk is needed.
  if (leafBase >= 0 && pages < entries && tree.indexAt(iovaPage, 0) + pages <= entries) {
    removeIn(tree, cursor, leafBase, 0);
  } else {
    removeIn(tree, cursor, tree.baseOf(tree.rootPage), tree.topLevel);
  }
  return cursor.removed;
}
