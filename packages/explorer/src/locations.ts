/** Which locations there are and which of them are shared: accessed, in some execution, without their lock. */
import type { Target } from './operation';

/** Locations by name, the same for ever: for things that are no objects of the world. */
export class NamedLocations {
  readonly #numbers = new Map<string, number>();

  /** The location that stands for `name`. Odd: those of objects are even. */
  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const made = 2 * this.#numbers.size + 1;
    this.#numbers.set(name, made);
    return made;
  }

  /** What a location stands for, if it has a name. */
  nameOf(location: number): string | null {
    for (const [name, number] of this.#numbers) if (number === location) return name;
    return null;
  }
}

/**
 * Guarded locations that were accessed without their lock, and plain ones. Their accesses are accesses of their steps,
 * with the lock held too. A search that has run executions without them starts anew. Nothing is ever taken back.
 */
export class SharedLocations {
  readonly #labels = new Map<number, string>();

  add(place: Target & { readonly location: number }): void {
    if (!this.#labels.has(place.location)) this.#labels.set(place.location, place.label);
  }

  has(location: number): boolean {
    return this.#labels.size > 0 && this.#labels.has(location);
  }

  /** The label of a shared location; null for any other. */
  labelOf(location: number): string | null {
    return this.#labels.get(location) ?? null;
  }

  /** Grows when an execution shows a new one. */
  get size(): number {
    return this.#labels.size;
  }
}
