/**
 * Which table pages a map, an unmap or a look-up of a range would touch, found without doing it.
 *
 * For whoever has to know beforehand what calls conflict. Tables that a map adds are not named: they come from the
 * allocator, which tells its watcher. A page is named as written where it may be: an entry that holds a table is left
 * or removed by rules that need not be repeated here.
 */
import { NEXT_EMPTY, NEXT_LEAF } from './format';
import type { Tree } from './tree';

export type TablePurpose = 'map' | 'unmap' | 'read';

/** Told of each table page once, the upper ones first. */
export type TableVisitor = (page: number, written: boolean) => void;

/** Visits what the call would touch; true where it may put tables on the gather list. */
export function footprint(
  tree: Tree,
  iovaPage: number,
  pages: number,
  purpose: TablePurpose,
  visit: TableVisitor,
): boolean {
  if (!(pages > 0) || iovaPage + pages > tree.inputPages || tree.rootBase < 0) return false;
  return visitTable(tree, tree.rootPage, tree.topLevel, iovaPage, iovaPage + pages, purpose, visit);
}

function visitTable(
  tree: Tree,
  page: number,
  level: number,
  start: number,
  end: number,
  purpose: TablePurpose,
  visit: TableVisitor,
): boolean {
  const base = tree.baseOf(page);
  if (base < 0) return false;
  const tablePages = tree.geometry.tablePages[level] as number;
  if (level === 0) {
    for (let n = 0; n < tablePages; n++) visit(page + n, purpose !== 'read');
    return false;
  }
  const reach = tree.reachPages(level);
  const below: { table: number; start: number; end: number }[] = [];
  let written = false;
  let gathers = false;
  for (let at = start; at < end; ) {
    const next = tree.nextAt(base + tree.indexAt(at, level) * tree.step, level);
    const entryStart = Math.floor(at / reach) * reach;
    const entryEnd = Math.min(end, entryStart + reach);
    if (next === NEXT_EMPTY) written ||= purpose === 'map';
    else if (next === NEXT_LEAF) written ||= purpose === 'unmap';
    else {
      const covered = at === entryStart && entryEnd === entryStart + reach;
      if (covered && purpose !== 'read') {
        written = true;
        gathers = true;
      }
      below.push({ table: next, start: at, end: entryEnd });
    }
    at = entryEnd;
  }
  for (let n = 0; n < tablePages; n++) visit(page + n, written);
  for (const part of below) {
    if (visitTable(tree, part.table, level - 1, part.start, part.end, purpose, visit)) gathers = true;
  }
  return gathers;
}
