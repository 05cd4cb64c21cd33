/** A log that code only adds to, as part of its steps: in what order different fibers did cannot be seen by any of them. */
import { Location } from './cell';
import type { Owner } from './kernel-object';
import { AccessKind } from './operation';

export class AppendOnlyLog<T> extends Location {
  #items: readonly T[] = [];

  constructor(owner: Owner, name: string) {
    super(owner, name, null);
  }

  /** The entries, for inspection from outside of the execution, in the order of this execution. */
  get value(): readonly T[] {
    return this.#items;
  }

  /** Adds an entry as part of the running step. */
  append(item: T): void {
    this.accessInStep(AccessKind.INCREMENT);
    this.owner.world.log(this, this.#items);
    this.#items = [...this.#items, item];
  }

  /** Nobody waits for entries. */
  snapshot(): unknown {
    return undefined;
  }

  override canonical(): unknown {
    const counts = new Map<T, number>();
    for (const item of this.#items) counts.set(item, (counts.get(item) ?? 0) + 1);
    return counts;
  }

  rollback(before: unknown): void {
    this.#items = before as readonly T[];
  }
}
