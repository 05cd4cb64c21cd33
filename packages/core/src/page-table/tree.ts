/**
 * The state of one table tree: its shape, where its root is, and which tables wait for a flush before they are freed.
 *
 * Everything that builds, removes or walks entries works on a `Tree`. Tables lie in the arena of physical memory.
 */
import { ERRNO } from '../errno';
import { type Journalled, WORDS_PER_PAGE } from '../memory/journal';
import type { PhysicalMemory } from '../memory/physical-memory';
import type { Codec, Geometry } from './format';

export class Tree implements Journalled {
  journalStamp = 0;
  /** First page of the root table; -1 once destroyed. */
  rootPage: number;
  /** Tables that are no longer linked; hardware may still walk them until the flush. */
  gathered: number[] = [];
  /** log2 of the 4096-byte pages that one entry covers, by level. */
  readonly shifts: readonly number[];
  readonly masks: readonly number[];
  readonly words: Int32Array;
  readonly inputPages: number;
  readonly outputPages: number;
  /** Entries written so far; for cost reports, not part of a checkpoint. */
  entryWrites = 0;
  /** Pages mapped by the last map, errors included. */
  mappedPages = 0;

  /** The table of level 0 that was used last: which one (page / its reach), where its words are, at which generation. */
  #lastLeafNumber = -1;
  #lastLeafBase = 0;
  #lastLeafGeneration = -1;
  readonly #leafReachPages: number;

  constructor(
    readonly memory: PhysicalMemory,
    readonly geometry: Geometry,
    readonly codec: Codec,
    readonly occupiedError: number,
    rootPage: number,
  ) {
    this.rootPage = rootPage;
    this.words = memory.arena.words;
    const granuleShift = Math.log2(geometry.granulePages);
    let shift = granuleShift;
    this.shifts = geometry.indexBits.map((bits) => {
      shift += bits;
      return shift - bits;
    });
    this.masks = geometry.indexBits.map((bits) => 2 ** bits - 1);
    this.inputPages = 2 ** (geometry.inputBits - 12);
    this.outputPages = 2 ** (geometry.outputBits - 12);
    this.#leafReachPages = geometry.granulePages * 2 ** (geometry.indexBits[0] as number);
  }

  get topLevel(): number {
    return this.geometry.levels - 1;
  }

  saveState(): unknown {
    return { rootPage: this.rootPage, gathered: [...this.gathered] };
  }

  restoreState(state: unknown): void {
    const saved = state as { rootPage: number; gathered: number[] };
    this.rootPage = saved.rootPage;
    this.gathered = [...saved.gathered];
  }

  /** Index of `page` in its table at `level`. */
  indexAt(page: number, level: number): number {
    const shift = this.shifts[level] as number;
    // Pages below 2^31 (8 TiB) stay small integers; the rest takes the exact way through doubles.
    if (page < 0x80000000 && shift < 31) return (page >>> shift) & (this.masks[level] as number);
    return Math.floor(page / 2 ** shift) % ((this.masks[level] as number) + 1);
  }

  /** Pages that one entry at `level` covers. */
  reachPages(level: number): number {
    return 2 ** (this.shifts[level] as number);
  }

  /** Index of the first word of the table at `page`; -1 when a pointer leads out of the arena. */
  baseOf(page: number): number {
    const slot = page - this.memory.arenaFirstPage;
    return slot >= 0 && slot < this.memory.arenaPages ? slot * WORDS_PER_PAGE : -1;
  }

  /** Must precede writes to the table whose words start at `base`, up to word `base + length - 1`. */
  touch(base: number, length: number): void {
    const last = (base + length - 1) >>> 10;
    for (let page = base >>> 10; page <= last; page++) this.memory.arena.touch(page);
  }

  /** Kind of the entry at word index `at`. */
  kindAt(at: number, level: number): number {
    return this.codec.kind(this.words[at] as number, this.secondAt(at), level);
  }

  /** What the entry at word index `at` points to. */
  targetAt(at: number, level: number): number {
    return this.codec.target(this.words[at] as number, this.secondAt(at), level);
  }

  /** The second word of an entry; 0 in formats with 32-bit entries. */
  secondAt(at: number): number {
    return this.geometry.entryWords === 2 ? (this.words[at + 1] as number) : 0;
  }

  /** Clears `count` entries from word index `at`. The page must have been touched. */
  clearAt(at: number, count: number): void {
    const end = at + count * this.geometry.entryWords;
    for (let word = at; word < end; word++) this.words[word] = 0;
    this.entryWrites += count;
  }

  /** Base of the level-0 table that maps `page` if it is the one used last, else -1. */
  lastLeafBase(page: number): number {
    const number = Math.floor(page / this.#leafReachPages);
    const fresh = number === this.#lastLeafNumber && this.#lastLeafGeneration === this.memory.tableGeneration;
    return fresh ? this.#lastLeafBase : -1;
  }

  rememberLeaf(page: number, base: number): void {
    this.#lastLeafNumber = Math.floor(page / this.#leafReachPages);
    this.#lastLeafBase = base;
    this.#lastLeafGeneration = this.memory.tableGeneration;
  }

  forgetLeaf(): void {
    this.#lastLeafNumber = -1;
  }

  /** Puts an unlinked table on the gather list. */
  gather(page: number): void {
    if (this.journalStamp !== this.memory.journal.stamp) this.memory.journal.saveObject(this);
    this.gathered.push(page);
    this.forgetLeaf();
  }

  /** Links a new zeroed table into the entry at word index `at` of `level`; its page or -ENOMEM. */
  addTable(at: number, level: number): number {
    const page = this.memory.allocateTables(this.geometry.tablePages[level - 1] as number);
    if (page < 0) return -ERRNO.ENOMEM;
    this.touch(at, this.geometry.entryWords);
    this.words[at] = this.codec.tableFirst(page, level);
    if (this.geometry.entryWords === 2) this.words[at + 1] = this.codec.tableSecond(page, level);
    this.entryWrites++;
    return page;
  }

  /** Frees a table of `level`. */
  freeTable(page: number, level: number): void {
    const pages = this.geometry.tablePages[level] as number;
    for (let n = 0; n < pages; n++) this.memory.freeTable(page + n);
  }
}
