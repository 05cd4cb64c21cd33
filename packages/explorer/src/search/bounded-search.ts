/**
 * Search by preemption bound: all schedules without a preemption, then with one, with two, ... Most bugs need few.
 * A state that was reached before with the same fiber running is not gone through again: it was reached with as few
 * preemptions or fewer. (Pruning by partial orders would be wrong here: it gives up schedules within the bound for
 * equivalent ones beyond it.)
 */
import { endOf, endOfCut } from './ending';
import type { Execution } from './execution';
import { lowest, preferred } from './partial-order';
import { StatefulRun } from './stateful-run';
import type { Tally } from './tally';

/** A schedule's beginning that ends with a step that is still to be made. */
type Prefix = readonly number[];

export interface BoundedEnd {
  /** Every schedule with at most so many preemptions was covered; -1: not even those with none. */
  readonly covered: number;
  /** Nothing is left for a higher bound either. */
  readonly exhausted: boolean;
}

export class BoundedSearch {
  readonly run: StatefulRun;
  /** Prefixes by the number of preemptions in them. */
  #queues: Prefix[][] = [[[]]];
  readonly #visited = new Set<number>();

  constructor(
    private readonly execution: Execution,
    private readonly tally: Tally,
    private readonly maxSteps: number,
  ) {
    this.run = new StatefulRun(execution);
  }

  /** Explores the bounds 0 to `maxPreemptions`. The world is in its initial state afterwards. */
  explore(maxPreemptions: number): BoundedEnd {
    try {
      let covered = -1;
      while (covered < maxPreemptions) {
        if (!this.#exploreBound(covered + 1)) return { covered, exhausted: false };
        covered++;
        if ((this.#queues[covered + 1] ?? []).length === 0) return { covered, exhausted: true };
      }
      return { covered, exhausted: false };
    } finally {
      this.execution.finish();
    }
  }

  #exploreBound(preemptions: number): boolean {
    for (;;) {
      const prefix = this.#queues[preemptions]?.pop();
      if (prefix === undefined) return true;
      const goOn = this.#runFrom(prefix, preemptions);
      if (goOn === null) {
        this.#forget();
        return this.#exploreAgain(preemptions);
      }
      if (!goOn) return false;
    }
  }

  /** After a start from nothing: all bounds up to this one. */
  #exploreAgain(preemptions: number): boolean {
    for (let bound = 0; bound <= preemptions; bound++) if (!this.#exploreBound(bound)) return false;
    return true;
  }

  #forget(): void {
    this.tally.startOver();
    this.#queues = [[[]]];
    this.#visited.clear();
  }

  /** Runs a prefix and on to the end. False: the search is to end; null: it has to begin again. */
  #runFrom(prefix: Prefix, preemptions: number): boolean | null {
    const { run, execution } = this;
    run.startOver();
    for (const fiber of prefix) run.step(fiber);
    for (;;) {
      if (run.mustStartOver) return null;
      const { depth } = run.trail;
      const enabled = execution.enabled();
      if (enabled === 0) return this.#ended(endOf(execution));
      if (depth >= this.maxSteps) return this.#ended(endOfCut(execution, depth));
      const latest = depth === 0 ? -1 : run.trail.fiberOf(depth - 1);
      if (this.#seen(latest)) return this.#ended('redundant');
      const fiber = preferred(enabled, latest);
      const preempts = fiber === latest;
      this.#defer(enabled & ~(1 << fiber), preempts ? preemptions + 1 : preemptions);
      run.step(fiber);
    }
  }

  #ended(ending: Parameters<Tally['add']>[0]): boolean {
    const waiting = this.#queues.reduce((sum, queue) => sum + queue.length, 0);
    return this.tally.add(ending, this.run.trail, this.run.steps, waiting);
  }

  /** Whether this state was gone through before with the same fiber running; if not, it is from now on. */
  #seen(latest: number): boolean {
    const key = this.run.state(latest + 1);
    if (this.#visited.has(key)) return true;
    this.#visited.add(key);
    return false;
  }

  /** Puts off the other steps that can be made here. */
  #defer(fibers: number, preemptions: number): void {
    if (fibers === 0) return;
    const schedule = this.run.trail.schedule();
    let queue = this.#queues[preemptions];
    if (queue === undefined) {
      queue = [];
      this.#queues[preemptions] = queue;
    }
    for (let rest = fibers; rest !== 0; rest &= rest - 1) queue.push([...schedule, lowest(rest)]);
  }
}
