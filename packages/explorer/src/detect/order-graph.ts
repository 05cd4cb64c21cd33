/** A directed graph of "held while taking", with the evidence on each edge. */

/** Who took one lock while it held the other. */
export interface LockNesting {
  readonly fiber: string;
  /** The innermost modelled kernel function. */
  readonly at: string;
  /** Labels of the locks. */
  readonly held: string;
  readonly taken: string;
  readonly step: number;
  /** Whether the kernel's validator looks at both locks. */
  readonly validated: boolean;
}

export class OrderGraph<K> {
  readonly #after = new Map<K, Map<K, LockNesting>>();

  /** Whether `taken` is known to have been taken under `held`. Allocates nothing. */
  has(held: K, taken: K): boolean {
    return this.#after.get(held)?.has(taken) ?? false;
  }

  add(held: K, taken: K, nesting: LockNesting): void {
    const known = this.#after.get(held);
    if (known === undefined) this.#after.set(held, new Map([[taken, nesting]]));
    else known.set(taken, nesting);
  }

  /** Forgets all edges. */
  clear(): void {
    this.#after.clear();
  }

  /**
   * The fewest nestings that lead from `from` to `to`, in order, or null. `validatedOnly`: over those alone that the
   * kernel's validator would know.
   */
  path(from: K, to: K, validatedOnly: boolean): LockNesting[] | null {
    const reachedBy = new Map<K, { readonly from: K; readonly nesting: LockNesting }>();
    const queue = [from];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      for (const [follower, nesting] of this.#after.get(next) ?? []) {
        if ((validatedOnly && !nesting.validated) || reachedBy.has(follower)) continue;
        reachedBy.set(follower, { from: next, nesting });
        if (follower === to) return this.#walkBack(from, to, reachedBy);
        queue.push(follower);
      }
    }
    return null;
  }

  #walkBack(
    from: K,
    to: K,
    reachedBy: ReadonlyMap<K, { readonly from: K; readonly nesting: LockNesting }>,
  ): LockNesting[] {
    const nestings: LockNesting[] = [];
    let at = to;
    do {
      const hop = reachedBy.get(at) as { readonly from: K; readonly nesting: LockNesting };
      nestings.unshift(hop.nesting);
      at = hop.from;
    } while (at !== from);
    return nestings;
  }
}
