/**
 * The state of one table tree: its shape, where its root is, and which tables wait for a flush before they are freed.
 *
 * Everything that builds, removes or walks entries works on a `Tree`. Tables lie in the arena of physical memory. The
 * table of level 0 that was used last is kept at hand: sequential work then needs no walk. Word indexes and counts are
 * kept to 32-bit integers (`| 0` where a page number, which may be larger, was part of the sum): engines then need no
 * boxes for them.
 */
import { powerOfTwo } from '../address';
import { ERRNO } from '../errno';
import { mix, mixNumber } from '../memory/hash';
import { type Journal, type Journalled, WORDS_PER_PAGE_LOG2 } from '../memory/journal';
import type { PhysicalMemory } from '../memory/physical-memory';
import { type Codec, type Geometry, PROT_COMBINATIONS, type TableArena } from './format';

export class Tree implements Journalled, TableArena {
  journalStamp = 0;
  /** First page of the root table; -1 once destroyed. */
  rootPage: number;
  /** Tables that are no longer linked; hardware may still walk them until the flush. */
  readonly gathered: number[] = [];
  gatheredCount = 0;
  /** Entries written so far; for cost reports, not part of a checkpoint. */
  entryWrites = 0;
  /** Pages mapped by the last map, errors included. */
  mappedPages = 0;

  readonly words: Int32Array;
  readonly arenaFirstPage: number;
  readonly arenaPages: number;
  readonly journal: Journal;
  readonly inputPages: number;
  readonly outputPages: number;
  readonly topLevel: number;
  /** Words of one entry. */
  readonly step: number;
  /** log2 of the 4096-byte pages that one entry covers, and the largest index, by level. */
  readonly shifts: Int32Array;
  readonly masks: Int32Array;
  /** log2 of the pages that a level-0 table maps. */
  readonly leafShift: number;
  /** The answer to each set of protection bits: 0 or a negated errno. */
  readonly protectionErrors: Int32Array;
  /** Every leaf of level 0 is one entry and one granule, so that runs can be cleared without looking at sizes. */
  readonly plainLeaves: boolean;
  /** They are 4096-byte pages, too. */
  readonly singlePages: boolean;

  /** Ranges of fewer pages than this, within one level-0 table, take leaves of the smallest size only; 0 if unknown. */
  readonly smallLeavesBelow: number;

  /** The level-0 table used last: which one (page / its reach), its first word, and the generation it was found in. */
  #leafUnit = -1;
  #leafGeneration = -1;
  leafBase = 0;
  /** First word of the root table; -1 once destroyed. */
  rootBase: number;
  /** Where the root was made: what tells this tree from others. */
  readonly firstRootPage: number;

  constructor(
    readonly memory: PhysicalMemory,
    readonly geometry: Geometry,
    readonly codec: Codec,
    readonly occupiedError: number,
    rootPage: number,
  ) {
    this.rootPage = rootPage;
    this.firstRootPage = rootPage;
    this.words = memory.arena.words;
    this.arenaFirstPage = memory.arenaFirstPage;
    this.arenaPages = memory.arenaPages;
    this.journal = memory.journal;
    this.step = geometry.entryWords;
    this.topLevel = geometry.levels - 1;
    let shift = Math.log2(geometry.granulePages);
    this.shifts = Int32Array.from(geometry.indexBits, (bits) => {
      shift += bits;
      return shift - bits;
    });
    this.masks = Int32Array.from(geometry.indexBits, (bits) => 2 ** bits - 1);
    this.leafShift = Math.log2(geometry.granulePages) + (geometry.indexBits[0] as number);
    this.inputPages = 2 ** (geometry.inputBits - 12);
    this.outputPages = 2 ** (geometry.outputBits - 12);
    this.protectionErrors = Int32Array.from({ length: PROT_COMBINATIONS }, (_, prot) =>
      codec.protectionError(prot),
    );
    this.plainLeaves = geometry.leafSizes.every((size) => size.level > 0 || size.entries === 1);
    this.singlePages = this.plainLeaves && geometry.granulePages === 1;
    this.smallLeavesBelow = this.singlePages ? (geometry.leafSizes[1]?.pages ?? Number.MAX_SAFE_INTEGER) : 0;
    this.rootBase = this.baseOf(rootPage);
  }

  saveState(): unknown {
    return { rootPage: this.rootPage, gathered: this.gathered.slice(0, this.gatheredCount) };
  }

  restoreState(state: unknown): void {
    const saved = state as { rootPage: number; gathered: number[] };
    this.rootPage = saved.rootPage;
    this.rootBase = this.baseOf(saved.rootPage);
    this.gatheredCount = saved.gathered.length;
    saved.gathered.forEach((page, n) => {
      this.gathered[n] = page;
    });
  }

  hashState(state: unknown): number {
    const { rootPage, gathered } = state as { rootPage: number; gathered: number[] };
    // In which order tables were unlinked makes no difference: they are freed together.
    const waiting = gathered.reduce((hash, page) => hash ^ mixNumber(3, page), 0);
    return mix(mixNumber(mixNumber(2, this.firstRootPage), rootPage + 1), waiting);
  }

  /** Must precede changes of `rootPage` and `gathered`. */
  save(): void {
    if (this.journalStamp !== this.journal.stamp) this.journal.saveObject(this);
  }

  /** Index of `page` in its table at `level`. */
  indexAt(page: number, level: number): number {
    const shift = this.shifts[level] as number;
    const mask = this.masks[level] as number;
    // Pages below 2^31 (8 TiB) stay small integers; the rest takes the exact way through doubles.
    const low = page | 0;
    if (low === page && shift < 31) return (low >>> shift) & mask;
    return (page / powerOfTwo(shift)) & mask;
  }

  /** Pages that one entry at `level` covers. */
  reachPages(level: number): number {
    return powerOfTwo(this.shifts[level] as number);
  }

  /** Index of the first word of the table at `page`; -1 when a pointer leads out of the arena. */
  baseOf(page: number): number {
    const slot = page - this.arenaFirstPage;
    return slot >= 0 && slot < this.arenaPages ? slot << WORDS_PER_PAGE_LOG2 : -1;
  }

  /** Must precede writes to `length` words from word index `at`. */
  touch(at: number, length: number): void {
    const { arena } = this.memory;
    const last = (at + length - 1) >>> WORDS_PER_PAGE_LOG2;
    for (let page = at >>> WORDS_PER_PAGE_LOG2; page <= last; page++) arena.touch(page);
  }

  /** First word of the table that the entry at word index `at` of `level`, on the way to `page`, is in. */
  tableBase(at: number, level: number, page: number): number {
    return at - this.indexAt(page, level) * this.step;
  }

  /** The second word of the entry at word index `at`; 0 in formats with 32-bit entries. */
  secondAt(at: number): number {
    return this.step === 2 ? (this.words[at + 1] as number) : 0;
  }

  /** The table that the entry at word index `at` points to, or what it is instead (a NEXT_ value). */
  nextAt(at: number, level: number): number {
    return this.codec.next(this.words[at] as number, this.secondAt(at), level);
  }

  /** Clears `count` entries from word index `at`. The words must have been touched. */
  clearAt(at: number, count: number): void {
    const end = at + count * this.step;
    for (let word = at; word < end; word++) this.words[word] = 0;
    this.entryWrites += count;
  }

  /** Whether the level-0 table used last maps `page`; then it starts at word `leafBase`. */
  lastLeafMaps(page: number): boolean {
    return this.#unitOf(page) === this.#leafUnit && this.#leafGeneration === this.memory.tableGeneration;
  }

  rememberLeaf(page: number, base: number): void {
    this.#leafUnit = this.#unitOf(page);
    this.#leafGeneration = this.memory.tableGeneration;
    this.leafBase = base | 0;
  }

  forgetLeaf(): void {
    this.#leafUnit = -1;
  }

  /** Which level-0 table maps `page`, counted from address 0. */
  #unitOf(page: number): number {
    const shift = this.leafShift;
    const low = page | 0;
    return low === page ? low >>> shift : Math.floor(page / powerOfTwo(shift));
  }

  /** Puts an unlinked table on the gather list. */
  gather(page: number, level: number): void {
    this.save();
    const pages = this.geometry.tablePages[level] as number;
    for (let n = 0; n < pages; n++) this.gathered[this.gatheredCount++] = page + n;
    this.forgetLeaf();
  }

  /** Links a new zeroed table into the entry at word index `at` of `level`; its page or -ENOMEM. */
  addTable(at: number, level: number): number {
    const page = this.memory.allocateTables(this.geometry.tablePages[level - 1] as number);
    if (page < 0) return -ERRNO.ENOMEM;
    this.touch(at, this.step);
    this.words[at] = this.codec.tableFirst(page, level);
    if (this.step === 2) this.words[at + 1] = this.codec.tableSecond(page, level);
    this.entryWrites++;
    return page;
  }
}
