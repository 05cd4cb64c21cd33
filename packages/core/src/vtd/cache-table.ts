/**
 * A cache of a unit: a hash table of fixed size in journalled words, open addressing, three key and four value words.
 *
 * Looking up and inserting allocate nothing. When the table has `limit` entries the next one empties it first: any
 * entry of a hardware cache may vanish at any time, and QEMU 7.2's IOTLB does exactly this at 1024.
 */
import { mix } from '../memory/hash';
import type { Journal } from '../memory/journal';
import { TrackedWords } from '../memory/tracked-words';

/** Words of one slot: generation, three key words, four value words. */
const SLOT_WORDS = 8;
const KEY = 1;
/** Offset of the first value word from a slot. */
export const VALUE = 4;

const GENERATION = 0;
const LIVE = 1;

export class CacheTable {
  readonly #store: TrackedWords;
  readonly #state: TrackedWords;
  readonly #mask: number;
  readonly words: Int32Array;

  /** `limit` must be a power of two. */
  constructor(
    journal: Journal,
    readonly limit: number,
  ) {
    // Twice the limit keeps probe runs short.
    this.#mask = limit * 2 - 1;
    this.#store = new TrackedWords(journal, limit * 2 * SLOT_WORDS);
    this.#state = new TrackedWords(journal, 2);
    this.#state.words[GENERATION] = 1;
    this.words = this.#store.words;
  }

  /** Entries that are valid. */
  get size(): number {
    return this.#state.words[LIVE] as number;
  }

  /** Word index of the slot with this key, or -1. */
  find(a: number, b: number, c: number): number {
    const { words } = this;
    const generation = this.#state.words[GENERATION] as number;
    for (let slot = this.#home(a, b, c); ; slot = (slot + 1) & this.#mask) {
      const at = slot * SLOT_WORDS;
      if (words[at] !== generation) return -1;
      if (words[at + KEY] === a && words[at + KEY + 1] === b && words[at + KEY + 2] === c) return at;
    }
  }

  /** Word index of a slot with this key, new or existing, ready to have its values written. */
  insert(a: number, b: number, c: number): number {
    const existing = this.find(a, b, c);
    if (existing >= 0) {
      this.#store.touch(existing >>> 10);
      return existing;
    }
    if (this.size >= this.limit) this.clear();
    const generation = this.#state.words[GENERATION] as number;
    let slot = this.#home(a, b, c);
    while (this.words[slot * SLOT_WORDS] === generation) slot = (slot + 1) & this.#mask;
    const at = slot * SLOT_WORDS;
    this.#store.touch(at >>> 10);
    this.words[at] = generation;
    this.words[at + KEY] = a;
    this.words[at + KEY + 1] = b;
    this.words[at + KEY + 2] = c;
    this.#state.set(LIVE, this.size + 1);
    return at;
  }

  /** Drops everything. */
  clear(): void {
    if (this.size === 0) return;
    this.#state.set(GENERATION, (this.#state.words[GENERATION] as number) + 1);
    this.#state.set(LIVE, 0);
  }

  /** Word index of the first slot in use, or -1. Go on with `next`, or with what `removeAt` answers. */
  first(): number {
    return this.size === 0 ? -1 : this.#firstFrom(0);
  }

  /** Word index of the slot in use after slot `at`, or -1. */
  next(at: number): number {
    return this.#firstFrom(at + SLOT_WORDS);
  }

  /** The entries as text, sorted: for comparing states and for people. `textOf` is given the word index of a slot. */
  describe(textOf: (at: number) => string): string[] {
    const lines: string[] = [];
    for (let at = this.first(); at >= 0; at = this.next(at)) lines.push(textOf(at));
    return lines.sort();
  }

  /** A hash of the entries, as a set, with the first `values` of their value words. */
  hashEntries(seed: number, values: number): number {
    const { words } = this;
    let hash = 0;
    for (let at = this.first(); at >= 0; at = this.next(at)) {
      let entry = seed;
      for (let word = at + KEY; word < at + VALUE + values; word++) entry = mix(entry, words[word] as number);
      hash ^= entry;
    }
    return hash;
  }

  /** `count` words from word index `from` on, in hexadecimal with colons between. */
  hexWords(from: number, count: number): string {
    return Array.from(this.words.subarray(from, from + count), (word) => (word >>> 0).toString(16)).join(':');
  }

  /**
   * Drops the entry in slot `at` and answers where to go on looking, or -1. The entries that had to move past it move
   * back, so that may be slot `at` itself.
   */
  removeAt(at: number): number {
    const generation = this.#state.words[GENERATION] as number;
    let hole = at / SLOT_WORDS;
    for (
      let slot = (hole + 1) & this.#mask;
      this.words[slot * SLOT_WORDS] === generation;
      slot = (slot + 1) & this.#mask
    ) {
      const word = slot * SLOT_WORDS + KEY;
      const home = this.#home(
        this.words[word] as number,
        this.words[word + 1] as number,
        this.words[word + 2] as number,
      );
      // An entry may fill the hole when its home does not lie between the hole and itself.
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      this.#move(slot, hole);
      hole = slot;
    }
    const end = hole * SLOT_WORDS;
    this.#store.touch(end >>> 10);
    this.words[end] = 0;
    this.#state.set(LIVE, this.size - 1);
    return this.#firstFrom(at);
  }

  #firstFrom(from: number): number {
    const generation = this.#state.words[GENERATION] as number;
    for (let at = from; at < this.words.length; at += SLOT_WORDS) {
      if (this.words[at] === generation) return at;
    }
    return -1;
  }

  #move(from: number, to: number): void {
    const source = from * SLOT_WORDS;
    const target = to * SLOT_WORDS;
    this.#store.touch(target >>> 10);
    for (let n = 0; n < SLOT_WORDS; n++) this.words[target + n] = this.words[source + n] as number;
  }

  #home(a: number, b: number, c: number): number {
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
    hash ^= hash >>> 15;
    return hash & this.#mask;
  }
}
