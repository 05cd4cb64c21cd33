/** The undo log: what checkpoint and restore stand on. Nothing is logged before the first checkpoint. */

/** A piece of state that knows how to take back one change of itself. */
export interface Undoable {
  rollback(before: unknown): void;
  /** What it holds now, in a form that equal states share; needed where the state is digested. */
  canonical?(): unknown;
}

export class UndoLog {
  #enabled = false;
  readonly #targets: Undoable[] = [];
  readonly #befores: unknown[] = [];

  /** Starts logging and returns the place to go back to. */
  mark(): number {
    this.#enabled = true;
    return this.#targets.length;
  }

  record(target: Undoable, before: unknown): void {
    if (!this.#enabled) return;
    this.#targets.push(target);
    this.#befores.push(before);
  }

  /** Takes back every change made since `mark`, newest first. */
  rollback(mark: number): void {
    while (this.#targets.length > mark) {
      const target = this.#targets.pop() as Undoable;
      target.rollback(this.#befores.pop());
    }
  }
}
