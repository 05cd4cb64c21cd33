/**
 * A map from page numbers to values in ascending order. What the kernel keeps in red-black trees by iova: dmas,
 * external pins, dirty pages. Look-up, insertion and removal cost the logarithm of the size.
 */
import * as library from 'sorted-btree';

type Tree = typeof library.default;

/** The package is CommonJS: Node hands over its `module.exports` as the default export, bundlers the class itself. */
function treeClass(): Tree {
  const found = library.default as Tree & { readonly default?: Tree };
  return found.default ?? found;
}

const BTree = treeClass();

function ascending(a: number, b: number): number {
  return a - b;
}

export class PageTree<V> {
  readonly #tree = new BTree<number, V>(undefined, ascending);

  get size(): number {
    return this.#tree.size;
  }

  at(page: number): V | undefined {
    return this.#tree.get(page);
  }

  set(page: number, value: V): void {
    this.#tree.set(page, value);
  }

  delete(page: number): void {
    this.#tree.delete(page);
  }

  /** The value with the highest key that is not above `page`. */
  atOrBelow(page: number): V | undefined {
    return this.#tree.getPairOrNextLower(page)?.[1];
  }

  /** The value with the lowest key above `page`. */
  above(page: number): V | undefined {
    return this.#tree.nextHigherPair(page)?.[1];
  }

  /** The keys in [page, page + pages), ascending. */
  keysIn(page: number, pages: number): number[] {
    const keys: number[] = [];
    this.#tree.forRange(page, page + pages, false, (key) => void keys.push(key));
    return keys;
  }

  hasIn(page: number, pages: number): boolean {
    const pair = this.#tree.getPairOrNextHigher(page);
    return pair !== undefined && pair[0] < page + pages;
  }

  /** For a digest of the state: the entries. */
  canonical(): unknown {
    return this.#tree.toArray();
  }

  /** All values, ascending. */
  values(): V[] {
    return this.#tree.valuesArray();
  }
}
