/**
 * The IOTLB: cached results of page walks, stale until they are invalidated.
 *
 * Entries are tagged with the domain id, as the specification has it, or with the requester id, as QEMU 7.2 has it
 * (it keeps the domain id beside, for invalidation). A large page takes one entry. With caching mode, hardware may
 * also keep that nothing was mapped: such an entry carries no permission.
 */
import type { Journal } from '../memory/journal';
import {
  highPart,
  keyFirstPage,
  keyTouches,
  levelKey,
  numberOfWords,
  pagesAt,
  unitAt,
} from '../page-table/nine-bit-levels';
import { CacheTable, VALUE } from './cache-table';

const LEVELS = 3;
const LIMIT = 1024;
/** Value words: domain id with permission and fault reason; physical page low and high. */
const TAGS = VALUE;
const PAGE_LOW = VALUE + 1;
const PAGE_HIGH = VALUE + 2;

export class Iotlb {
  readonly #table: CacheTable;
  /** What `find` found. */
  foundPermission = 0;
  /** Reason with which a cached failure is refused; 0 for an ordinary entry. */
  foundReason = 0;
  foundPage = 0;
  foundDomainId = 0;

  constructor(journal: Journal) {
    this.#table = new CacheTable(journal, LIMIT);
  }

  get size(): number {
    return this.#table.size;
  }

  /** Looks for a cached translation of `iovaPage`; the result is in the `found` fields. */
  find(tag: number, iovaPage: number): boolean {
    const { words } = this.#table;
    for (let level = 0; level < LEVELS; level++) {
      const unit = unitAt(iovaPage, level);
      const at = this.#table.find(tag, unit | 0, levelKey(unit, level));
      if (at < 0) continue;
      const tags = words[at + TAGS] as number;
      this.foundPermission = (tags >>> 16) & 3;
      this.foundReason = tags >>> 24;
      this.foundDomainId = tags & 0xffff;
      const first = numberOfWords(words[at + PAGE_LOW] as number, words[at + PAGE_HIGH] as number);
      this.foundPage = first + (iovaPage - unit * pagesAt(level));
      return true;
    }
    return false;
  }

  /** Keeps the leaf at `level` that maps `iovaPage`. `physicalPage` is that of `iovaPage`, not the leaf's first. */
  insert(
    tag: number,
    domainId: number,
    iovaPage: number,
    level: number,
    physicalPage: number,
    permission: number,
  ): void {
    const unit = unitAt(iovaPage, level);
    const first = physicalPage - (iovaPage - unit * pagesAt(level));
    const at = this.#table.insert(tag, unit | 0, levelKey(unit, level));
    this.#table.words[at + TAGS] = domainId | (permission << 16);
    this.#table.words[at + PAGE_LOW] = first;
    this.#table.words[at + PAGE_HIGH] = highPart(first);
  }

  /** Keeps that walking to `iovaPage` failed (caching mode). `reason` 0: nothing is mapped there. */
  insertFailure(tag: number, domainId: number, iovaPage: number, reason: number): void {
    const at = this.#table.insert(tag, iovaPage | 0, levelKey(iovaPage, 0));
    this.#table.words[at + TAGS] = domainId | (reason << 24);
    this.#table.words[at + PAGE_LOW] = 0;
    this.#table.words[at + PAGE_HIGH] = 0;
  }

  clear(): void {
    this.#table.clear();
  }

  /** Drops the entries of a domain. */
  dropDomain(domainId: number): void {
    this.#drop(domainId, 0, Number.POSITIVE_INFINITY);
  }

  /** Drops the entries of a domain that touch any of `pages` pages from `firstPage`. */
  dropPages(domainId: number, firstPage: number, pages: number): void {
    this.#drop(domainId, firstPage, firstPage + pages);
  }

  /**
   * Drops the entries of a domain that cover `page`, and those whose first page equals it in the bits of `mask` (within
   * the lowest byte): what QEMU 7.2 does.
   */
  dropByLowByte(domainId: number, page: number, mask: number): void {
    const table = this.#table;
    for (let at = table.first(); at >= 0; ) {
      const sameDomain = ((table.words[at + TAGS] as number) & 0xffff) === domainId;
      const first = keyFirstPage(table.words[at + 2] as number, table.words[at + 3] as number);
      const matches = (first & mask) === (page & mask) || this.#matches(at, domainId, page, page + 1);
      at = sameDomain && matches ? table.removeAt(at) : table.next(at);
    }
  }

  /** Whether a domain has an entry that covers `iovaPage`. */
  hasPage(domainId: number, iovaPage: number): boolean {
    const table = this.#table;
    for (let at = table.first(); at >= 0; at = table.next(at)) {
      if (this.#matches(at, domainId, iovaPage, iovaPage + 1)) return true;
    }
    return false;
  }

  /** A hash of the entries. */
  hash(): number {
    return this.#table.hashEntries(11, 3);
  }

  /** The entries as text, sorted: for comparing states and for people. */
  describe(): string[] {
    const table = this.#table;
    return table.describe((at) => `iotlb ${table.hexWords(at + 1, VALUE + 2)}`);
  }

  #drop(domainId: number, start: number, end: number): void {
    const table = this.#table;
    for (let at = table.first(); at >= 0; ) {
      at = this.#matches(at, domainId, start, end) ? table.removeAt(at) : table.next(at);
    }
  }

  #matches(at: number, domainId: number, start: number, end: number): boolean {
    const { words } = this.#table;
    if (((words[at + TAGS] as number) & 0xffff) !== domainId) return false;
    return keyTouches(words[at + 2] as number, words[at + 3] as number, start, end);
  }
}
