/**
 * The content of RAM outside the table arena: chunks of 16 pages that exist once something was written to them.
 */
import { PAGE_SIZE_BYTES } from '../address';
import { type Journal, WORDS_PER_PAGE } from './journal';
import { TrackedWords } from './tracked-words';

const CHUNK_PAGES = 16;
/** Above the keys of everything else. */
const FIRST_CHUNK_KEY = 2 ** 20;

export class SparsePages {
  readonly #chunks = new Map<number, TrackedWords>();
  #lastNumber = -1;
  #last: TrackedWords | null = null;

  constructor(readonly journal: Journal) {}

  /** The chunk that holds `page`, or null when nothing was ever written there (it reads as zeros). */
  find(page: number): TrackedWords | null {
    const number = Math.floor(page / CHUNK_PAGES);
    if (number === this.#lastNumber) return this.#last;
    const chunk = this.#chunks.get(number) ?? null;
    if (chunk !== null) {
      this.#lastNumber = number;
      this.#last = chunk;
    }
    return chunk;
  }

  /** The chunk that holds `page`, saved for the journal, to write into. */
  forWriting(page: number): TrackedWords {
    let chunk = this.find(page);
    if (chunk === null) {
      const number = Math.floor(page / CHUNK_PAGES);
      chunk = new TrackedWords(this.journal, CHUNK_PAGES * WORDS_PER_PAGE, FIRST_CHUNK_KEY + number);
      this.#chunks.set(number, chunk);
    }
    chunk.touch(page % CHUNK_PAGES);
    return chunk;
  }

  /** Index of the first word of `page` in its chunk. */
  wordBase(page: number): number {
    return (page % CHUNK_PAGES) * WORDS_PER_PAGE;
  }

  /** Index of the first byte of `page` in its chunk. */
  byteBase(page: number): number {
    return (page % CHUNK_PAGES) * PAGE_SIZE_BYTES;
  }
}
