/**
 * Allocates numbered slots, lowest first, from a bitmap that a journal can take back.
 *
 * Lowest first makes a fresh machine hand out consecutive frames, and makes runs repeatable. Where several threads
 * allocate in an order that must not matter, each has a lane of its own: every n-th block of the slots above the last
 * one taken when the lanes were opened. A lane is used up from its start, and what is freed meanwhile is not handed
 * out again, as in the quarantine of a memory checker: so no thread's slots depend on what the others do.
 */
import { hashWords } from './hash';
import type { Journal } from './journal';
import { TrackedWords } from './tracked-words';

const FIRST_FREE_WORD = 0;
const IN_USE = 1;
/** A slot above which none is taken. */
const ABOVE = 2;
/** First slot of the first lane. */
const LANES_START = 3;
/** How many slots of each lane were passed. */
const LANE_CURSORS = 4;
const MOST_LANES = 32;
/** Blocks of a lane are at most so long, and at least so many. */
const BLOCK_SLOTS = 4096;
const BLOCKS = 4;

export class BitmapAllocator {
  readonly #bits: TrackedWords;
  readonly #counters: TrackedWords;

  constructor(
    journal: Journal,
    readonly count: number,
    digestKey: number,
  ) {
    const words = Math.ceil(count / 32);
    this.#bits = new TrackedWords(journal, words, digestKey);
    this.#counters = new TrackedWords(journal, LANE_CURSORS + MOST_LANES);
    // Slots past the end count as taken, so that the search needs no limit check.
    if (count % 32 !== 0) this.#bits.words[words - 1] = -1 << (count % 32);
  }

  /** How many slots are taken. */
  get inUse(): number {
    return this.#counters.words[IN_USE] as number;
  }

  isAllocated(slot: number): boolean {
    return ((this.#bits.words[slot >>> 5] as number) & (1 << (slot & 31))) !== 0;
  }

  /** Takes the lowest free slot; -1 when there is none. */
  allocate(): number {
    const bits = this.#bits.words;
    let word = this.#counters.words[FIRST_FREE_WORD] as number;
    while (word < bits.length && bits[word] === -1) word++;
    if (word === bits.length) return -1;
    const free = ~(bits[word] as number);
    const slot = word * 32 + (31 - Math.clz32(free & -free));
    this.#counters.set(FIRST_FREE_WORD, word);
    this.#take(slot);
    return slot;
  }

  /** Takes the lowest run of `length` slots whose first slot plus `bias` is a multiple of `align`; -1 if none. */
  allocateRun(length: number, align: number, bias: number): number {
    let start = (align - (bias % align)) % align;
    while (start + length <= this.count) {
      let taken = start + length - 1;
      while (taken >= start && !this.isAllocated(taken)) taken--;
      if (taken < start) {
        for (let slot = start; slot < start + length; slot++) this.#take(slot);
        return start;
      }
      start += Math.ceil((taken + 1 - start) / align) * align;
    }
    return -1;
  }

  /** Divides what lies above the last taken slot into lanes. */
  openLanes(): void {
    const { words } = this.#counters;
    let above = words[ABOVE] as number;
    while (above > 0 && !this.isAllocated(above - 1)) above--;
    if (words[ABOVE] !== above) this.#counters.set(ABOVE, above);
    if (words[LANES_START] !== above) this.#counters.set(LANES_START, above);
    for (let at = LANE_CURSORS; at < LANE_CURSORS + MOST_LANES; at++) {
      if (words[at] !== 0) this.#counters.set(at, 0);
    }
  }

  /**
   * Takes the next run of `length` slots of lane `lane` of `lanes`, aligned as in `allocateRun`; -1 when the lane is used
   * up, or its blocks are shorter. Precondition: the lanes are as many as at the first such call since they were opened,
   * at most 32.
   */
  allocateInLane(lane: number, lanes: number, length: number, align: number, bias: number): number {
    const first = this.#counters.words[LANES_START] as number;
    const share = Math.floor((this.count - first) / lanes);
    if (share < 1) return -1;
    const block = Math.min(BLOCK_SLOTS, 2 ** Math.floor(Math.log2(Math.max(1, share / BLOCKS))));
    let position = this.#counters.words[LANE_CURSORS + lane] as number;
    for (; position + length <= share; position++) {
      const offset = position % block;
      const slot = first + (((position - offset) / block) * lanes + lane) * block + offset;
      if (slot + length > this.count) return -1;
      if (offset + length > block || (slot + bias) % align !== 0) continue;
      for (let taken = slot; taken < slot + length; taken++) this.#take(taken);
      this.#counters.set(LANE_CURSORS + lane, position + length);
      return slot;
    }
    return -1;
  }

  /** A hash of how far the lanes are used up; which slots are taken is hashed with the words. */
  hashLanes(): number {
    return hashWords(this.#bits.digestKey, this.#counters.words, LANE_CURSORS, LANE_CURSORS + MOST_LANES);
  }

  /** Gives a slot back. TypeError if it is not taken. */
  free(slot: number): void {
    if (!this.isAllocated(slot)) throw new TypeError(`slot ${slot} is not allocated`);
    const word = slot >>> 5;
    this.#bits.set(word, (this.#bits.words[word] as number) & ~(1 << (slot & 31)));
    this.#counters.set(IN_USE, this.inUse - 1);
    if (word < (this.#counters.words[FIRST_FREE_WORD] as number)) this.#counters.set(FIRST_FREE_WORD, word);
  }

  #take(slot: number): void {
    const word = slot >>> 5;
    this.#bits.set(word, (this.#bits.words[word] as number) | (1 << (slot & 31)));
    this.#counters.set(IN_USE, this.inUse + 1);
    if (slot >= (this.#counters.words[ABOVE] as number)) this.#counters.set(ABOVE, slot + 1);
  }
}
