/**
 * Optimal partial-order search with wakeup trees and sleep sets (Abdulla, Aronis, Jonsson, Sagonas 2017): exactly one
 * execution for every Mazurkiewicz trace. At each place of the trail stands a tree of the sequences that are still to
 * be run from there; races add to it, and the search runs its leftmost branch.
 */
import { type Accesses, stepsDepend } from './dependency';
import { lowest, PartialOrderSearch, preferred } from './partial-order';
import { type LateEvent, locksAreFree, reversedSequence, Sequence, type SequenceStep } from './reversal';

/** A step that is to be run, and what is to be run after it. `accesses` null: not known yet. */
interface WakeupNode {
  readonly fiber: number;
  readonly accesses: Accesses | null;
  readonly children: WakeupNode[];
}

/** No plan. Never written to. */
const NOTHING: WakeupNode[] = [];

/** A race that was seen in the running execution; it is reversed when the execution is over. */
interface PendingRace {
  readonly early: number;
  readonly late: LateEvent;
}

export class OptimalSearch extends PartialOrderSearch {
  /** What is planned at each depth beside the step that is being run there; the first is next. */
  #trees: WakeupNode[][] = [[]];
  readonly #races: PendingRace[] = [];

  protected choose(depth: number, available: number, latest: number): number {
    const tree = this.#trees[depth] as WakeupNode[];
    const planned = tree[0];
    if (planned !== undefined && (available >> planned.fiber) & 1) {
      tree.shift();
      this.#descend(depth, planned.children);
      return planned.fiber;
    }
    const fiber = preferred(available, latest);
    if (fiber < 0) return -1;
    if (planned !== undefined) {
      // The planned step cannot be made here after all: try everything.
      this.counts.fallbacks++;
      tree.length = 0;
      this.#plantAll(tree, available & ~(1 << fiber));
    }
    this.#descend(depth, NOTHING);
    return fiber;
  }

  protected race(early: number, late: LateEvent): void {
    this.#races.push({ early, late });
  }

  protected executionOver(): void {
    for (const { early, late } of this.#races) this.#reverse(early, late);
    this.#races.length = 0;
  }

  protected next(depth: number): number {
    const tree = this.#trees[depth] as WakeupNode[];
    const asleep = this.sleepingAt.get(depth);
    const enabled = this.enabledAt.get(depth);
    for (let node = tree.shift(); node !== undefined; node = tree.shift()) {
      if ((asleep >> node.fiber) & 1) continue;
      if ((enabled >> node.fiber) & 1) {
        this.#descend(depth, node.children);
        return node.fiber;
      }
      // A wait that cannot end here after all, and what was left out for its sake is to be tried.
      this.counts.fallbacks++;
      this.#plantAll(tree, enabled & ~asleep);
    }
    return -1;
  }

  protected forget(): void {
    this.#trees = [[]];
    this.#races.length = 0;
  }

  planned(): number {
    let branches = 0;
    for (let depth = 0; depth < this.trail.depth; depth++)
      branches += (this.#trees[depth] as WakeupNode[]).length;
    return branches;
  }

  /** Hands what is planned after the step at `depth` to the next depth. */
  #descend(depth: number, after: WakeupNode[]): void {
    const tree = this.#trees[depth + 1];
    // Most steps are planned by nobody: their place uses its array again.
    if (tree === undefined || after.length > 0) this.#trees[depth + 1] = after === NOTHING ? [] : after;
    else if (tree.length > 0) tree.length = 0;
  }

  #reverse(early: number, late: LateEvent): void {
    const { trail } = this;
    if (!locksAreFree(trail, early, late)) {
      this.counts.fallbacks++;
      const tree = this.#trees[early] as WakeupNode[];
      const running = 1 << trail.fiberOf(early);
      this.#plantAll(tree, this.enabledAt.get(early) & ~this.sleepingAt.get(early) & ~running);
      return;
    }
    const steps = reversedSequence(trail, early, late, trail.depth);
    const sequence = new Sequence(trail, steps, late);
    if (this.#seenElsewhere(early, sequence) || this.#beingRun(early, sequence)) return;
    this.#insert(early, sequence);
  }

  /**
   * Whether a sleeper could make the first step of the sequence: then an equivalent execution was run before. One that
   * makes no step in it counts too, since the races after its step lead to where it comes later; but not once a
   * reversal was given up (a fallback), for that may have been one of those.
   */
  #seenElsewhere(early: number, sequence: Sequence): boolean {
    for (let asleep = this.sleepingAt.get(early); asleep !== 0; asleep &= asleep - 1) {
      const fiber = lowest(asleep);
      const first = sequence.firstStep(sequence.steps, fiber);
      if (first >= 0) return true;
      if (first !== -2 || this.counts.fallbacks > 0) continue;
      if (!this.sleeperDependsOn(early, fiber, sequence.steps)) return true;
    }
    return false;
  }

  /** Whether the step that is being run could come first in the sequence: all that begins with it will be run. */
  #beingRun(early: number, sequence: Sequence): boolean {
    const { trail } = this;
    const { steps } = sequence;
    const first = sequence.firstStep(steps, trail.fiberOf(early));
    if (first !== -2) return first >= 0;
    return !steps.some(({ accesses }) => trail.dependsOn(early, accesses));
  }

  /** Adds the sequence to the tree at `early`, unless an equivalent one is in it. */
  #insert(early: number, sequence: Sequence): void {
    let branches = this.#trees[early] as WakeupNode[];
    let rest = sequence.steps;
    for (;;) {
      const match = this.#matching(branches, sequence, rest);
      if (match === null) break;
      rest = match.rest;
      // A branch that ends here covers everything that begins like it.
      if (match.node.children.length === 0 || rest.length === 0) return;
      branches = match.node.children;
    }
    for (const { fiber, accesses } of rest) {
      const node: WakeupNode = { fiber, accesses, children: [] };
      branches.push(node);
      branches = node.children;
    }
  }

  /** The first branch whose step could come first in `rest`, and what is left of `rest` after it. */
  #matching(
    branches: readonly WakeupNode[],
    sequence: Sequence,
    rest: readonly SequenceStep[],
  ): { readonly node: WakeupNode; readonly rest: readonly SequenceStep[] } | null {
    for (const node of branches) {
      const first = sequence.firstStep(rest, node.fiber);
      if (first >= 0) return { node, rest: rest.filter((_, at) => at !== first) };
      if (first === -2 && node.accesses !== null) {
        const own = node.accesses;
        if (!rest.some(({ accesses }) => stepsDepend(own, accesses))) return { node, rest };
      }
    }
    return null;
  }

  #plantAll(tree: WakeupNode[], mask: number): void {
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const fiber = lowest(rest);
      if (!tree.some((node) => node.fiber === fiber)) tree.push({ fiber, accesses: null, children: [] });
    }
  }
}
