/**
 * Allocates numbered slots, lowest first, from a bitmap that a journal can take back.
 *
 * Lowest first makes a fresh machine hand out consecutive frames, and makes runs repeatable.
 */
import type { Journal } from './journal';
import { TrackedWords } from './tracked-words';

const FIRST_FREE_WORD = 0;
const IN_USE = 1;

export class BitmapAllocator {
  readonly #bits: TrackedWords;
  readonly #counters: TrackedWords;

  constructor(
    journal: Journal,
    readonly count: number,
  ) {
    const words = Math.ceil(count / 32);
    this.#bits = new TrackedWords(journal, words);
    this.#counters = new TrackedWords(journal, 2);
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
  }
}
