/**
 * An array of 32-bit words whose changes a journal can take back, in pages of 4096 bytes.
 *
 * The array is reserved at once and committed by the host as it is touched, so a large one costs only what is used.
 */
import { type Journal, type JournalledWords, WORDS_PER_PAGE } from './journal';

export class TrackedWords implements JournalledWords {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly stamps: Int32Array;

  constructor(
    readonly journal: Journal,
    wordCount: number,
    /** What the words are called in a digest of the state, the same in equal states; negative: they are not part of it. */
    readonly digestKey = -1,
  ) {
    const buffer = new ArrayBuffer(wordCount * 4);
    this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.stamps = new Int32Array(Math.ceil(wordCount / WORDS_PER_PAGE));
  }

  /** Must precede every write to a word of page `page` (word index / 1024). */
  touch(page: number): void {
    if (this.stamps[page] !== this.journal.stamp) this.journal.savePage(this, page);
  }

  /** Writes one word, saving its page first where needed. */
  set(index: number, value: number): void {
    this.touch(index >>> 10);
    this.words[index] = value;
  }
}
