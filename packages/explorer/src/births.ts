/** The objects that an execution made, in the order of making, and where: what a leak check looks through. */
import type { KernelObject } from './kernel-object';

export class Births {
  readonly #objects: KernelObject[] = [];
  readonly #functions: string[] = [];

  get length(): number {
    return this.#objects.length;
  }

  /** Remembers that `object` was made by the modelled function `madeIn`. */
  note(object: KernelObject, madeIn: string): void {
    this.#objects.push(object);
    this.#functions.push(madeIn);
  }

  /** Forgets all but the first `length`. */
  truncate(length: number): void {
    this.#objects.length = length;
    this.#functions.length = length;
  }

  /** Calls `visit` for every object that was made and not freed, with the function that made it. */
  forEachAlive(visit: (object: KernelObject, madeIn: string) => void): void {
    for (const [index, object] of this.#objects.entries()) {
      if (!object.freed) visit(object, this.#functions[index] as string);
    }
  }
}
