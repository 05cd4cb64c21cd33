/** A kernel list (`list_head`): ordered members, added at the tail or the head, removed by identity. */
import { Cell, type Guard } from './cell';
import type { Owner } from './kernel-object';
import type { Op, Step } from './operation';

export class ListCell<T> {
  readonly #items: Cell<readonly T[]>;

  constructor(owner: Owner, name: string, guard: Guard | null = null) {
    this.#items = new Cell<readonly T[]>(owner, name, [], guard);
  }

  /** The members, for inspection from outside of the execution. */
  get value(): readonly T[] {
    return this.#items.value;
  }

  /** The members as they are now; later changes do not alter the returned array. */
  load(): Step<readonly T[]> {
    return this.#items.load();
  }

  /** `@kernel list_add_tail` */
  *addTail(item: T): Op<void> {
    const items = yield* this.#items.load();
    yield* this.#items.store([...items, item]);
  }

  /** `@kernel list_add` */
  *addHead(item: T): Op<void> {
    const items = yield* this.#items.load();
    yield* this.#items.store([item, ...items]);
  }

  /** `@kernel list_del`. Absent members are no error. */
  *remove(item: T): Op<void> {
    const items = yield* this.#items.load();
    yield* this.#items.store(items.filter((member) => member !== item));
  }
}
