/**
 * What a page-table format must say about itself, so that one engine can build and walk its tables.
 *
 * Levels are counted from the leaf: level 0 holds the smallest pages. An entry is one or two 32-bit words in memory
 * order ("first", "second"); byte order is the codec's business. Physical pages are always counted in 4096 bytes,
 * whatever the granule.
 */
import type { Errno } from '../errno';
import { ERRNO } from '../errno';

export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_CACHE = 4;
export const PROT_NOEXEC = 8;
export const PROT_MMIO = 16;
export const PROT_PRIVILEGED = 32;
/** One more than the largest set of protection bits. */
export const PROT_COMBINATIONS = 64;

/** Bits of `Codec.permission`. */
export const PERMISSION_READ = 1;
export const PERMISSION_WRITE = 2;

/** What `EntryCodec.next` answers where there is no next table. */
export const NEXT_EMPTY = -1;
export const NEXT_LEAF = -2;
/** A pointer beyond 2^27 pages, where no table can be: only something that was overwritten points there. */
export const NEXT_NOWHERE = -3;

/** A size of page that the format can map. */
export interface LeafSize {
  readonly pages: number;
  readonly level: number;
  /** Equal entries that one such page occupies (1, but for contiguous groups). */
  readonly entries: number;
}

/** The shape of a table tree under one configuration. */
export interface Geometry {
  readonly levels: number;
  /** log2 of the entries of a table, by level; the last one is the root's. */
  readonly indexBits: readonly number[];
  /** 32-bit words of one entry: 2, or 1 in formats with 32-bit entries. */
  readonly entryWords: 1 | 2;
  /** 4096-byte pages of one table, by level. */
  readonly tablePages: readonly number[];
  /** Smallest page in 4096-byte pages. */
  readonly granulePages: number;
  readonly leafSizes: readonly LeafSize[];
  readonly inputBits: number;
  readonly outputBits: number;
}

/** Encodes and decodes single entries. Closures on integers; none allocates. */
export interface EntryCodec {
  /** 0, or the negated errno with which a map with these protection bits is refused. */
  protectionError(prot: number): number;
  /** A leaf of size `leafSizes[size]`; the two words of one entry. */
  leafFirst(physicalPage: number, size: number, prot: number): number;
  leafSecond(physicalPage: number, size: number, prot: number): number;
  /** An entry at `level` that points to the table at `tablePage`. */
  tableFirst(tablePage: number, level: number): number;
  tableSecond(tablePage: number, level: number): number;
  /**
   * The page of the table that an entry points to (below 2^27, so that walks stay with small integers), or NEXT_EMPTY,
   * NEXT_LEAF or NEXT_NOWHERE.
   */
  next(first: number, second: number, level: number): number;
  /** Index into `leafSizes` of the page that a leaf maps. */
  leafSize(first: number, second: number, level: number): number;
  /** The page that an entry points to: the first of a leaf, or the next table. */
  target(first: number, second: number, level: number): number;
  /** PERMISSION_ bits that this entry alone allows; both for a pointer in formats where only leaves say. */
  permission(first: number, second: number, level: number): number;
  /** Whether bits are set that hardware refuses. */
  reserved(first: number, second: number, level: number): boolean;
}

/** The memory that tables lie in: the words of the arena, its first page and its pages. */
export interface TableArena {
  readonly words: Int32Array;
  readonly arenaFirstPage: number;
  readonly arenaPages: number;
}

/** What the engine spends its time in. `loopsOf` derives it from the entries. */
export interface CodecLoops {
  /** The physical page that the table of `level` at word `base` maps `page` to, or -1. */
  lookUp(arena: TableArena, base: number, level: number, page: number): number;
  /**
   * Follows pointers towards `page` from the table of `level` at word `base`, down to `lastLevel` or to the first entry
   * that is no pointer to a table in the arena. Where it ended, in one integer: see `placeWord` and `placeLevel`.
   */
  descend(arena: TableArena, base: number, level: number, lastLevel: number, page: number): number;
  /**
   * Writes `count` leaves of size `leafSizes[size]` from word index `at` on; stops before one whose entries are not
   * all zero. How many were written.
   */
  fill(
    words: Int32Array,
    at: number,
    count: number,
    physicalPage: number,
    size: number,
    prot: number,
  ): number;
  /** Clears up to `count` entries of level 0 from word index `at`; stops at an empty one. How many were cleared. */
  clear(words: Int32Array, at: number, count: number): number;
}

export type Codec = EntryCodec & CodecLoops;

/** A format as a value: hand it to `PageTable.create` with a configuration of its own kind. */
export interface PageTableFormat<Config = unknown> {
  readonly name: string;
  /** Answers a map where something is mapped already. */
  readonly occupied: Errno;
  /** EINVAL when the configuration is none that the format has. */
  build(config: Config): { geometry: Geometry; codec: Codec } | Errno;
}

/** The negated errno for protection bits that allow nothing: neither read nor write. */
export function nothingAllowed(prot: number): number {
  return (prot & (PROT_READ | PROT_WRITE)) === 0 ? -ERRNO.EINVAL : 0;
}

/** A word index (below 2^28, as the arena is at most 1 GiB) and a level in one small integer. */
export function placeOf(word: number, level: number): number {
  return (word << 3) | level;
}
export function placeWord(place: number): number {
  return place >> 3;
}
export function placeLevel(place: number): number {
  return place & 7;
}
