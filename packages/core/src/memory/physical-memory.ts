/**
 * Physical memory: RAM with its allocators, read and written by the CPU, by devices and by IOMMUs alike.
 *
 * Table pages lie in one flat arena, the rest is sparse; both are the same memory to everyone who reads it, so a
 * stray DMA does change a table. Left out: caches, memory types, ECC, MMIO. What is not RAM reads as zeros and swallows
 * writes, as an unclaimed address does in QEMU.
 */
import { hex, highWord, joinWords, lowWord, PAGE_SIZE_BYTES } from '../address';
import { ERRNO } from '../errno';
import { BitmapAllocator } from './bitmap-allocator';
import { Journal, WORDS_PER_PAGE } from './journal';
import { type PageRun, type PhysicalRange, ramRuns, tableArenaRun, withoutRun } from './physical-map';
import { SparsePages } from './sparse-pages';
import { TrackedWords } from './tracked-words';
import { MachinePart, type MachineWatcher, Touch } from './watcher';

/** Names of word arrays in a digest; devices have theirs from `DEVICES` on, by requester id. */
export const DIGEST_KEY = { ARENA: 0, TABLES: 1, REGISTERS: 2, FRAMES: 0x100, DEVICES: 0x10000 } as const;

export class PhysicalMemory {
  readonly journal = new Journal();
  /** The table arena: low and high words of little-endian 64-bit entries, in turn. */
  readonly arena: TrackedWords;
  /** The same arena as 64-bit entries, for inspection. Writing to it bypasses checkpoints. */
  readonly arenaEntries: BigUint64Array;
  readonly arenaFirstPage: number;
  readonly arenaPages: number;
  /**
   * Compared by whoever keeps a pointer to a table: a different value means that the pointer must be found anew. Grows
   * when a table is freed or written to from outside the page-table engine, and when memory is restored.
   */
  tableGeneration = 0;
  /** Null but in a search. */
  watcher: MachineWatcher | null = null;
  /** What `loadEntry` found. */
  loadedLow = 0;
  loadedHigh = 0;

  readonly #ram: readonly PageRun[];
  readonly #dataRuns: readonly PageRun[];
  readonly #frames: readonly BitmapAllocator[];
  readonly #tables: BitmapAllocator;
  readonly #sparse: SparsePages;

  /** TypeError when the ranges are not whole pages, overlap, or leave no room for the arena. */
  constructor(options: { ram: readonly PhysicalRange[]; tableArenaBytes?: number }) {
    this.#ram = ramRuns(options.ram);
    const arena = tableArenaRun(this.#ram, options.tableArenaBytes);
    this.arenaFirstPage = arena.first;
    this.arenaPages = arena.count;
    this.arena = new TrackedWords(this.journal, arena.count * WORDS_PER_PAGE, DIGEST_KEY.ARENA);
    this.arenaEntries = new BigUint64Array(this.arena.words.buffer);
    this.#tables = new BitmapAllocator(this.journal, arena.count, DIGEST_KEY.TABLES);
    this.#dataRuns = withoutRun(this.#ram, arena);
    this.#frames = this.#dataRuns.map(
      (run, n) => new BitmapAllocator(this.journal, run.count, DIGEST_KEY.FRAMES + n),
    );
    this.#sparse = new SparsePages(this.journal);
    this.journal.onRestore = () => {
      this.tableGeneration++;
    };
  }

  /** Data frames and table pages that are taken. */
  get framesInUse(): number {
    return this.#frames.reduce((sum, frames) => sum + frames.inUse, 0);
  }
  get tablesInUse(): number {
    return this.#tables.inUse;
  }

  isRam(page: number): boolean {
    return this.#ram.some((run) => page >= run.first && page < run.first + run.count);
  }

  /** Whether a page is one of those that tables are taken from. */
  inTableArena(page: number): boolean {
    return page >= this.arenaFirstPage && page < this.arenaFirstPage + this.arenaPages;
  }

  /** Takes the lowest free data page, zeroed; -ENOMEM when there is none. */
  allocateFrame(): number {
    for (let i = 0; i < this.#frames.length; i++) {
      const { first } = this.#dataRuns[i] as PageRun;
      const slot = this.#takeSlot(this.#frames[i] as BitmapAllocator, first);
      if (slot >= 0) return this.#zeroed(first + slot);
    }
    return -ERRNO.ENOMEM;
  }

  /** Takes `count` consecutive data pages, the first a multiple of `alignPages`; the first page or -ENOMEM. */
  allocateFrames(count: number, alignPages: number): number {
    if (!(Number.isInteger(count) && count > 0 && Number.isInteger(alignPages) && alignPages > 0)) {
      throw new TypeError(`allocateFrames(${count}, ${alignPages}): both must be positive integers`);
    }
    for (let i = 0; i < this.#frames.length; i++) {
      const run = this.#dataRuns[i] as PageRun;
      const slot = this.#takeRun(this.#frames[i] as BitmapAllocator, count, alignPages, run.first);
      if (slot < 0) continue;
      for (let n = 0; n < count; n++) this.#zeroed(run.first + slot + n);
      return run.first + slot;
    }
    return -ERRNO.ENOMEM;
  }

  /** Gives a data page back. TypeError if it is not a taken data page. */
  freeFrame(page: number): void {
    const at = this.#dataRunOf(page);
    if (at < 0) throw new TypeError(`page ${hex(page)} is not a data frame`);
    (this.#frames[at] as BitmapAllocator).free(page - (this.#dataRuns[at] as PageRun).first);
    this.watcher?.touch(MachinePart.ALLOCATION, page, 0, Touch.WRITE);
  }

  frameIsAllocated(page: number): boolean {
    const at = this.#dataRunOf(page);
    return (
      at >= 0 &&
      (this.#frames[at] as BitmapAllocator).isAllocated(page - (this.#dataRuns[at] as PageRun).first)
    );
  }

  /** Takes a zeroed table page (RAM below 512 GiB); -ENOMEM when the arena is full. */
  allocateTable(): number {
    const slot = this.#takeSlot(this.#tables, this.arenaFirstPage);
    return slot < 0 ? -ERRNO.ENOMEM : this.#clearTable(slot);
  }

  /** Takes `count` consecutive zeroed table pages, aligned to their total size; the first page or -ENOMEM. */
  allocateTables(count: number): number {
    if (count === 1) return this.allocateTable();
    const slot = this.#takeRun(this.#tables, count, count, this.arenaFirstPage);
    if (slot < 0) return -ERRNO.ENOMEM;
    for (let n = 1; n < count; n++) this.#clearTable(slot + n);
    return this.#clearTable(slot);
  }

  /** Gives a table page back. Its content stays until it is taken again. TypeError if it is not a taken table. */
  freeTable(page: number): void {
    const slot = page - this.arenaFirstPage;
    if (!(slot >= 0 && slot < this.arenaPages)) throw new TypeError(`page ${hex(page)} is not a table page`);
    this.#tables.free(slot);
    this.tableGeneration++;
    this.watcher?.touch(MachinePart.ALLOCATION, page, 0, Touch.WRITE);
  }

  /** Gives every thread of a search that follows the same pages, whatever the others allocate. */
  openLanes(): void {
    this.#tables.openLanes();
    for (const frames of this.#frames) frames.openLanes();
  }

  /** A hash of what allocations depend on beyond which pages are taken. */
  hashAllocations(): number {
    return this.#frames.reduce((hash, frames) => hash ^ frames.hashLanes(), this.#tables.hashLanes());
  }

  /** Whether `page` is a table page that is taken. */
  tableIsAllocated(page: number): boolean {
    const slot = page - this.arenaFirstPage;
    return slot >= 0 && slot < this.arenaPages && this.#tables.isAllocated(slot);
  }

  /**
   * Reads 64-bit entry `index` of `page` into `loadedLow` and `loadedHigh`; false when the page is not RAM. This is
   * how hardware fetches, and allocates nothing.
   */
  loadEntry(page: number, index: number): boolean {
    const slot = page - this.arenaFirstPage;
    if (slot >= 0 && slot < this.arenaPages) {
      const at = slot * WORDS_PER_PAGE + index * 2;
      this.loadedLow = this.arena.words[at] as number;
      this.loadedHigh = this.arena.words[at + 1] as number;
      return true;
    }
    if (!this.isRam(page)) return false;
    const chunk = this.#sparse.find(page);
    const at = this.#sparse.wordBase(page) + index * 2;
    this.loadedLow = chunk === null ? 0 : (chunk.words[at] as number);
    this.loadedHigh = chunk === null ? 0 : (chunk.words[at + 1] as number);
    return true;
  }

  /** Writes 64-bit entry `index` of `page` as two words; false (and no effect) when the page is not RAM. */
  storeEntry(page: number, index: number, low: number, high: number): boolean {
    const words = this.#forWriting(page);
    if (words === null) return false;
    const at = this.#wordBase(page) + index * 2;
    words[at] = low;
    words[at + 1] = high;
    return true;
  }

  /** The 64-bit little-endian entry `index` (0..511) of a RAM page. TypeError where there is no RAM. */
  readEntry(page: number, index: number): bigint {
    this.#checkEntry(page, index);
    this.watcher?.touch(MachinePart.ENTRY, page, index, Touch.READ);
    this.loadEntry(page, index);
    return joinWords(this.loadedLow, this.loadedHigh);
  }

  /** Writes the 64-bit little-endian entry `index` (0..511) of a RAM page. TypeError where there is no RAM. */
  writeEntry(page: number, index: number, value: bigint): void {
    this.#checkEntry(page, index);
    this.storeEntry(page, index, lowWord(value), highWord(value));
  }

  /** Copies bytes out of one page; zeros where there is no RAM. Precondition: offset + length <= 4096. */
  readBytes(page: number, offset: number, target: Uint8Array): void {
    this.watcher?.touch(MachinePart.PAGE, page, 0, Touch.READ);
    checkSpan(offset, target.length);
    const bytes = this.#forReading(page);
    if (bytes === null) {
      target.fill(0);
      return;
    }
    const start = this.#byteBase(page) + offset;
    target.set(bytes.subarray(start, start + target.length));
  }

  /** Copies bytes into one page; no effect where there is no RAM. Precondition: offset + length <= 4096. */
  writeBytes(page: number, offset: number, source: Uint8Array): void {
    checkSpan(offset, source.length);
    this.watcher?.touch(MachinePart.PAGE, page, 0, Touch.WRITE);
    if (this.#forWriting(page) !== null) this.#bytesOf(page).set(source, this.#byteBase(page) + offset);
  }

  /** Fills `lengthBytes` of one page with `byte`; no effect where there is no RAM. */
  fillBytes(page: number, offset: number, lengthBytes: number, byte: number): void {
    checkSpan(offset, lengthBytes);
    this.watcher?.touch(MachinePart.PAGE, page, 0, Touch.WRITE);
    if (this.#forWriting(page) === null) return;
    const start = this.#byteBase(page) + offset;
    this.#bytesOf(page).fill(byte, start, start + lengthBytes);
  }

  #wordBase(page: number): number {
    return this.inTableArena(page)
      ? (page - this.arenaFirstPage) * WORDS_PER_PAGE
      : this.#sparse.wordBase(page);
  }
  #byteBase(page: number): number {
    return this.inTableArena(page)
      ? (page - this.arenaFirstPage) * PAGE_SIZE_BYTES
      : this.#sparse.byteBase(page);
  }
  #bytesOf(page: number): Uint8Array {
    return this.inTableArena(page) ? this.arena.bytes : this.#sparse.forWriting(page).bytes;
  }
  #forReading(page: number): Uint8Array | null {
    return this.inTableArena(page) ? this.arena.bytes : (this.#sparse.find(page)?.bytes ?? null);
  }
  #forWriting(page: number): Int32Array | null {
    if (this.inTableArena(page)) {
      this.arena.touch(page - this.arenaFirstPage);
      this.tableGeneration++;
      return this.arena.words;
    }
    return this.isRam(page) ? this.#sparse.forWriting(page).words : null;
  }

  #takeSlot(slots: BitmapAllocator, first: number): number {
    const { watcher } = this;
    const lane = watcher === null ? -1 : watcher.lane();
    if (watcher === null || lane < 0) return slots.allocate();
    return slots.allocateInLane(lane, watcher.lanes, 1, 1, first);
  }
  #takeRun(slots: BitmapAllocator, count: number, alignPages: number, first: number): number {
    const { watcher } = this;
    const lane = watcher === null ? -1 : watcher.lane();
    if (watcher === null || lane < 0) return slots.allocateRun(count, alignPages, first);
    return slots.allocateInLane(lane, watcher.lanes, count, alignPages, first);
  }
  #clearTable(slot: number): number {
    this.watcher?.touch(MachinePart.ALLOCATION, this.arenaFirstPage + slot, 0, Touch.WRITE);
    this.arena.touch(slot);
    this.arena.words.fill(0, slot * WORDS_PER_PAGE, (slot + 1) * WORDS_PER_PAGE);
    return this.arenaFirstPage + slot;
  }
  #zeroed(page: number): number {
    this.watcher?.touch(MachinePart.ALLOCATION, page, 0, Touch.WRITE);
    if (this.#sparse.find(page) !== null) this.fillBytes(page, 0, PAGE_SIZE_BYTES, 0);
    return page;
  }
  #dataRunOf(page: number): number {
    return this.#dataRuns.findIndex((run) => page >= run.first && page < run.first + run.count);
  }
  #checkEntry(page: number, index: number): void {
    if (!(Number.isInteger(index) && index >= 0 && index < 512))
      throw new TypeError(`entry ${index} is not 0..511`);
    if (!this.isRam(page)) throw new TypeError(`page ${hex(page)} is not RAM`);
  }
}

function checkSpan(offset: number, lengthBytes: number): void {
  if (!(offset >= 0 && lengthBytes >= 0 && offset + lengthBytes <= PAGE_SIZE_BYTES)) {
    throw new TypeError(`bytes ${hex(offset)}+${hex(lengthBytes)} do not lie in one page`);
  }
}
