/** Flat integer storage that grows: what a search keeps for each step, without an object for each. */

/** Integers by index; unset ones are 0. */
export class IntColumn {
  #values = new Int32Array(256);

  get(index: number): number {
    return this.#values[index] as number;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) this.#grow(index + 1);
    this.#values[index] = value;
  }

  /** The values themselves, at least `length` of them. Valid until the next growth. */
  array(length: number): Int32Array {
    if (length > this.#values.length) this.#grow(length);
    return this.#values;
  }

  #grow(length: number): void {
    let capacity = this.#values.length;
    while (capacity < length) capacity *= 2;
    const grown = new Int32Array(capacity);
    grown.set(this.#values);
    this.#values = grown;
  }
}
