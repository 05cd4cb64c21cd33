/**
 * Partial-order search with source sets and sleep sets (Abdulla, Aronis, Jonsson, Sagonas 2014): at least one
 * execution for every Mazurkiewicz trace, and some that turn out to be redundant on the way. Needs no memory beyond
 * the current execution.
 */

import { IntColumn } from './growing';
import { lowest, PartialOrderSearch, preferred } from './partial-order';
import { type LateEvent, locksAreFree, reversedSequence, Sequence } from './reversal';

export class SourceSearch extends PartialOrderSearch {
  /** Mask of the fibers whose step before event d is to be tried. */
  readonly #toTry = new IntColumn();

  protected choose(depth: number, available: number, latest: number): number {
    const fiber = preferred(available, latest);
    if (fiber >= 0) this.#toTry.set(depth, 1 << fiber);
    return fiber;
  }

  protected race(early: number, late: LateEvent): void {
    const tried = this.#toTry.get(early);
    const enabled = this.enabledAt.get(early);
    if (!locksAreFree(this.trail, early, late)) {
      this.counts.fallbacks++;
      this.#toTry.set(early, tried | enabled);
      return;
    }
    const steps = reversedSequence(this.trail, early, late, late.depth);
    const sequence = new Sequence(this.trail, steps, late);
    let initials = 0;
    let seen = 0;
    for (const { fiber } of steps) {
      if ((seen >> fiber) & 1) continue;
      seen |= 1 << fiber;
      if (sequence.firstStep(steps, fiber) >= 0) initials |= 1 << fiber;
    }
    if ((tried & initials) !== 0) return;
    const fiber = (initials >> late.fiber) & 1 ? late.fiber : lowest(initials);
    if ((enabled >> fiber) & 1) {
      this.#toTry.set(early, tried | (1 << fiber));
      return;
    }
    // A wait that cannot end here after all.
    this.counts.fallbacks++;
    this.#toTry.set(early, tried | enabled);
  }

  protected executionOver(): void {}

  protected next(depth: number): number {
    return lowest(this.#toTry.get(depth) & this.enabledAt.get(depth) & ~this.sleepingAt.get(depth));
  }

  protected forget(): void {}

  planned(): number {
    let branches = 0;
    for (let depth = 0; depth < this.trail.depth; depth++) {
      const done = this.sleepingAt.get(depth) | (1 << this.trail.fiberOf(depth));
      branches += bitCount(this.#toTry.get(depth) & this.enabledAt.get(depth) & ~done);
    }
    return branches;
  }
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
