/**
 * The paging-structure caches: pointers to tables as a walk read them, so that the next walk can start lower.
 *
 * An entry of level n stands for the pointer entry that was read at level n; it carries the page of the table below
 * and the permissions of all levels down to it. It is dropped by global and domain-selective invalidation, and by a
 * page-selective one for its range unless that carries the hint "leaf only": this is why a table must not be freed
 * after a flush with the hint. QEMU 7.2 has no such cache.
 */
import type { Journal } from '../memory/journal';
import { highPart, keyTouches, levelKey, numberOfWords, unitAt } from '../page-table/nine-bit-levels';
import { CacheTable, VALUE } from './cache-table';

const LIMIT = 256;
const TOP_LEVEL = 4;

export class PagingStructureCache {
  readonly #table: CacheTable;
  /** What `findLowest` found: the table to go on with, its level, and the permissions so far. */
  foundTable = 0;
  foundLevel = 0;
  foundPermission = 0;

  constructor(journal: Journal) {
    this.#table = new CacheTable(journal, LIMIT);
  }

  /** Looks for the lowest cached pointer on the way to `iovaPage`, below a root of `levels` levels. */
  findLowest(domainId: number, iovaPage: number, levels: number): boolean {
    for (let level = 1; level < levels; level++) {
      const unit = unitAt(iovaPage, level);
      const at = this.#table.find(domainId, unit | 0, levelKey(unit, level));
      if (at < 0) continue;
      const { words } = this.#table;
      this.foundPermission = words[at + VALUE] as number;
      this.foundTable = numberOfWords(words[at + VALUE + 1] as number, words[at + VALUE + 2] as number);
      this.foundLevel = level - 1;
      return true;
    }
    return false;
  }

  /** Keeps the pointer read at `level` on the way to `iovaPage`. */
  insert(domainId: number, iovaPage: number, level: number, tablePage: number, permission: number): void {
    const unit = unitAt(iovaPage, level);
    const at = this.#table.insert(domainId, unit | 0, levelKey(unit, level));
    const { words } = this.#table;
    words[at + VALUE] = permission;
    words[at + VALUE + 1] = tablePage;
    words[at + VALUE + 2] = highPart(tablePage);
  }

  clear(): void {
    this.#table.clear();
  }

  dropDomain(domainId: number): void {
    this.#drop(domainId, 0, Number.POSITIVE_INFINITY);
  }

  /** Drops the pointers of a domain on the way to any of `pages` pages from `firstPage`. */
  dropPages(domainId: number, firstPage: number, pages: number): void {
    this.#drop(domainId, firstPage, firstPage + pages);
  }

  /** Whether a pointer to `iovaPage` of this level (1 to 4) is cached for a domain. */
  has(domainId: number, iovaPage: number, level: number): boolean {
    if (level < 1 || level > TOP_LEVEL) return false;
    const unit = unitAt(iovaPage, level);
    return this.#table.find(domainId, unit | 0, levelKey(unit, level)) >= 0;
  }

  /** A hash of the entries. */
  hash(): number {
    return this.#table.hashEntries(13, 3);
  }

  /** The entries as text, sorted: for comparing states and for people. */
  describe(): string[] {
    const table = this.#table;
    return table.describe((at) => `pointer ${table.hexWords(at + 1, VALUE + 2)}`);
  }

  #drop(domainId: number, start: number, end: number): void {
    const table = this.#table;
    for (let at = table.first(); at >= 0; ) {
      at = this.#matches(at, domainId, start, end) ? table.removeAt(at) : table.next(at);
    }
  }

  #matches(at: number, domainId: number, start: number, end: number): boolean {
    const { words } = this.#table;
    if (words[at + 1] !== domainId) return false;
    return keyTouches(words[at + 2] as number, words[at + 3] as number, start, end);
  }
}
