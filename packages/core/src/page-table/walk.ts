/**
 * Software walks: what a table tree says about an address, and all that is in it.
 *
 * These are for software (`iova_to_phys`) and for people. An IOMMU unit has its own walker, with caches and faults.
 */
import { joinWords } from '../address';
import { type LeafSize, NEXT_EMPTY, NEXT_LEAF, PERMISSION_READ, PERMISSION_WRITE } from './format';
import type { Tree } from './tree';

/** Why a walk ended without a page. */
export type WalkFault = 'notpresent' | 'reserved' | 'aperture';

export type WalkResult =
  | {
      readonly physical: bigint;
      /** Level of the leaf, 0 for the smallest pages. */
      readonly level: number;
      readonly pageSize: bigint;
      readonly permission: 'r' | 'w' | 'rw' | '';
    }
  | { readonly physical: null; readonly level: number; readonly fault: WalkFault };

/** One non-zero entry of a tree. */
export interface TableEntry {
  /** Indexes from the root down to the table that holds it. */
  readonly path: readonly number[];
  readonly index: number;
  /** The raw entry as memory holds it, in its own byte order. */
  readonly entry: bigint;
  readonly isTable: boolean;
  /** The page that it points to: a leaf's first, or the next table. */
  readonly targetPage: number;
}

const PERMISSION_NAMES = ['', 'r', 'w', 'rw'] as const;

/** The physical page that `iovaPage` maps to, or -1. Permissions and reserved bits do not matter here. */
export function translate(tree: Tree, iovaPage: number): number {
  if (!(iovaPage >= 0 && iovaPage < tree.inputPages) || tree.rootBase < 0) return -1;
  if (tree.lastLeafMaps(iovaPage)) return tree.codec.lookUp(tree, tree.leafBase, 0, iovaPage);
  return tree.codec.lookUp(tree, tree.rootBase, tree.topLevel, iovaPage);
}

/** Walks to one page; `offset` (bytes) is added to the physical address. */
export function walk(tree: Tree, iovaPage: number, offset: number): WalkResult {
  if (!(iovaPage >= 0 && iovaPage < tree.inputPages)) {
    return { physical: null, level: tree.topLevel, fault: 'aperture' };
  }
  let permission = PERMISSION_READ | PERMISSION_WRITE;
  let base = tree.rootBase;
  for (let level = tree.topLevel; ; level--) {
    const at = base + tree.indexAt(iovaPage, level) * tree.step;
    const first = base < 0 ? 0 : (tree.words[at] as number);
    const second = base < 0 ? 0 : tree.secondAt(at);
    const next = tree.codec.next(first, second, level);
    if (next === NEXT_EMPTY) return { physical: null, level, fault: 'notpresent' };
    if (tree.codec.reserved(first, second, level)) return { physical: null, level, fault: 'reserved' };
    permission &= tree.codec.permission(first, second, level);
    if (next === NEXT_LEAF) {
      const { pages } = tree.geometry.leafSizes[tree.codec.leafSize(first, second, level)] as LeafSize;
      const page = tree.codec.target(first, second, level) + (iovaPage % pages);
      return {
        physical: (BigInt(page) << 12n) + BigInt(offset),
        level,
        pageSize: BigInt(pages) << 12n,
        permission: PERMISSION_NAMES[permission as 0 | 1 | 2 | 3],
      };
    }
    base = tree.baseOf(next);
  }
}

/** Every non-zero entry, table by table, in the order of the addresses. */
export function* entries(
  tree: Tree,
  page = tree.rootPage,
  level = tree.topLevel,
  path: readonly number[] = [],
): Generator<TableEntry> {
  const base = tree.baseOf(page);
  if (base < 0) return;
  for (let index = 0; index <= (tree.masks[level] as number); index++) {
    const at = base + index * tree.step;
    const first = tree.words[at] as number;
    const second = tree.secondAt(at);
    if (first === 0 && second === 0) continue;
    const next = tree.codec.next(first, second, level);
    const isTable = next !== NEXT_EMPTY && next !== NEXT_LEAF;
    const targetPage = tree.codec.target(first, second, level);
    yield { path, index, entry: joinWords(first, second), isTable, targetPage };
    if (next >= 0) yield* entries(tree, next, level - 1, [...path, index]);
  }
}
