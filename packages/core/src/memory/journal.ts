/**
 * The undo journal behind `checkpoint()` and `restore()`.
 *
 * State lives in pages of words (`TrackedWords`) or in small objects (`Journalled`). Both carry the stamp of the
 * checkpoint since which they were last saved; the first change after a checkpoint saves the old content. A restore
 * therefore costs what changed, and a machine without a checkpoint pays one comparison for each write.
 *
 * Checkpoints form a stack: going back to one makes those taken after it invalid.
 */

/** A small object whose state is saved as a whole on its first change after a checkpoint. */
export interface Journalled {
  /** Stamp of the newest checkpoint for which the state is saved; starts at 0. */
  journalStamp: number;
  /** A copy of the state. */
  saveState(): unknown;
  /** Takes back a state that `saveState` gave. */
  restoreState(state: unknown): void;
  /** A hash of the object's identity and of a state that `saveState` gave. */
  hashState(state: unknown): number;
}

/** Words that are saved page by page; see `TrackedWords`. */
export interface JournalledWords {
  readonly words: Int32Array;
  readonly stamps: Int32Array;
}

/** One page of words that has changed, and what it held before. */
export interface ChangedPage {
  readonly owner: JournalledWords;
  readonly page: number;
  readonly copy: Int32Array;
}

/** One object that has changed, and its state before. */
export interface ChangedObject {
  readonly owner: Journalled;
  readonly state: unknown;
}

interface Frame {
  readonly id: number;
  readonly wordPages: ChangedPage[];
  readonly objects: ChangedObject[];
}

export const WORDS_PER_PAGE_LOG2 = 10;
export const WORDS_PER_PAGE = 1 << WORDS_PER_PAGE_LOG2;

export class Journal {
  /** What a page or object must carry to count as saved. 0 while no checkpoint exists. */
  stamp = 0;
  /** Called whenever something was put back, so that pointers into journalled state can be found anew. */
  onRestore: () => void = () => {};
  #lastNumber = 0;
  readonly #frames: Frame[] = [];
  readonly #spare: Int32Array[] = [];

  /** Opens a checkpoint and returns its number. */
  open(): number {
    const id = ++this.#lastNumber;
    this.#frames.push({ id, wordPages: [], objects: [] });
    this.stamp = id;
    return id;
  }

  /** Puts everything back to what it was at checkpoint `id`, which stays valid. TypeError if it no longer is. */
  restore(id: number): void {
    const at = this.#indexOf(id);
    for (let i = this.#frames.length - 1; i >= at; i--) this.#undo(this.#frames[i] as Frame);
    this.#frames.length = at + 1;
    // A new stamp, so that what was saved once is saved again when it changes again.
    this.stamp = ++this.#lastNumber;
    this.onRestore();
  }

  /** Drops checkpoint `id` and all older ones: they can no longer be restored and hold no memory. */
  release(id: number): void {
    this.#frames.splice(0, this.#indexOf(id) + 1);
    if (this.#frames.length === 0) this.stamp = 0;
  }

  /** Each page of words that was written to since checkpoint `since` (the oldest if left out), as it was then. */
  changedPages(since?: number): ChangedPage[] {
    const seen = new Map<JournalledWords, Set<number>>();
    return this.#framesSince(since).flatMap((frame) =>
      frame.wordPages.filter(({ owner, page }) => {
        let pages = seen.get(owner);
        if (pages === undefined) {
          pages = new Set();
          seen.set(owner, pages);
        }
        const isFirst = !pages.has(page);
        pages.add(page);
        return isFirst;
      }),
    );
  }

  /** Each object that was changed since checkpoint `since` (the oldest if left out), as it was then. */
  changedObjects(since?: number): ChangedObject[] {
    const seen = new Set<Journalled>();
    return this.#framesSince(since).flatMap((frame) =>
      frame.objects.filter(({ owner }) => {
        const isFirst = !seen.has(owner);
        seen.add(owner);
        return isFirst;
      }),
    );
  }

  /** Saves one page of words. Call it before the write, when the page's stamp differs from `stamp`. */
  savePage(owner: JournalledWords, page: number): void {
    owner.stamps[page] = this.stamp;
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    const start = page * WORDS_PER_PAGE;
    const copy = this.#spare.pop() ?? new Int32Array(WORDS_PER_PAGE);
    copy.set(owner.words.subarray(start, start + WORDS_PER_PAGE));
    frame.wordPages.push({ owner, page, copy });
  }

  /** Saves an object's state. Call it before the change, when its stamp differs from `stamp`. */
  saveObject(owner: Journalled): void {
    owner.journalStamp = this.stamp;
    this.#frames.at(-1)?.objects.push({ owner, state: owner.saveState() });
  }

  #framesSince(since: number | undefined): Frame[] {
    return since === undefined ? this.#frames : this.#frames.slice(this.#indexOf(since));
  }

  #indexOf(id: number): number {
    const at = this.#frames.findIndex((frame) => frame.id === id);
    if (at < 0) throw new TypeError(`checkpoint ${id} is gone: an older one was restored or it was released`);
    return at;
  }

  #undo(frame: Frame): void {
    for (const { owner, page, copy } of frame.wordPages) {
      const start = page * WORDS_PER_PAGE;
      const length = Math.min(WORDS_PER_PAGE, owner.words.length - start);
      owner.words.set(length === WORDS_PER_PAGE ? copy : copy.subarray(0, length), start);
      this.#spare.push(copy);
    }
    for (const { owner, state } of frame.objects) owner.restoreState(state);
    frame.wordPages.length = 0;
    frame.objects.length = 0;
  }
}
