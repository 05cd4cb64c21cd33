/**
 * The loop that both partial-order searches share: run an execution to its end, learn from its races which other
 * orders must be tried, go back to the last place where one is left.
 *
 * Executions are run anew from the initial state (generator frames cannot be copied); what the next one shares with
 * the last, in clocks and histories, is kept. Memory grows with the length of an execution, not with their number.
 */
import type { AccessList, OperationKind } from '../operation';
import { type Accesses, snapshotOf, stepsDepend } from './dependency';
import { type Ending, endOf, endOfCut } from './ending';
import type { Execution } from './execution';
import { Footprints } from './footprints';
import { IntColumn } from './growing';
import { HappensBefore, type Waiting } from './happens-before';
import type { LateEvent } from './reversal';
import { Trail } from './trail';

/** What a search is allowed, and whom it tells. */
export interface SearchHooks {
  /** Steps after which an execution is cut. */
  readonly maxSteps: number;
  /** After each execution; false stops the search. */
  onExecution(ending: Ending, search: PartialOrderSearch): boolean;
  /** The search learned that it missed accesses and begins again from nothing. */
  onRestart(): void;
}

/** Counters of one search. */
export interface SearchCounts {
  /** Steps performed, and those of them that no earlier execution had performed in the same order. */
  steps: number;
  newSteps: number;
  /** Races whose reversal could not be told to be possible: everything was tried there instead. Costs executions only. */
  fallbacks: number;
  deepest: number;
}

export abstract class PartialOrderSearch {
  trail: Trail;
  readonly counts: SearchCounts = { steps: 0, newSteps: 0, fallbacks: 0, deepest: 0 };
  /** enabled(d): mask of the fibers that can make a step before event d. */
  protected readonly enabledAt = new IntColumn();
  /** sleeping(d): mask of the fibers whose step before event d leads only to what has been seen. */
  protected readonly sleepingAt = new IntColumn();
  #happensBefore: HappensBefore;
  #sleepers: (Accesses | null)[] = [];
  readonly #waiting: { -readonly [K in keyof Waiting]: Waiting[K] };
  #known: number;
  readonly #footprints: Footprints;
  /** A step accessed more than it was taken to. */
  #misjudged = false;

  constructor(
    readonly execution: Execution,
    private readonly hooks: SearchHooks,
  ) {
    const { program, fibers } = execution;
    this.trail = new Trail(program.threads.length);
    this.#happensBefore = new HappensBefore(this.trail);
    const fiber = fibers[0] as Execution['fibers'][number];
    this.#waiting = { kind: null, target: null, argument: undefined, number0: 0, fiber };
    this.#known = program.world.shared.size;
    this.#footprints = new Footprints(program.threads.length);
  }

  // ---- what an engine decides

  /** Who makes the step at `depth`, which is new: one of `available`, the latest fiber if it can. */
  protected abstract choose(depth: number, available: number, latest: number): number;
  /** The event at `late.depth` races with the one at `early`. The trail ends before or with the late event. */
  protected abstract race(early: number, late: LateEvent): void;
  /** An execution is over: what was put off can be done. */
  protected abstract executionOver(): void;
  /** Who else is to make the step at `depth`, whose last choice is now among the sleepers; -1: nobody. */
  protected abstract next(depth: number): number;
  /** Forgets everything. */
  protected abstract forget(): void;

  /** Branches that are still to be run: each is at least one more execution. */
  abstract planned(): number;

  // ---- the search

  /** Runs until nothing is left (true) or a hook says stop (false). The world is as before afterwards. */
  run(): boolean {
    try {
      this.#begin();
      for (;;) {
        const ending = this.#extend();
        if (ending === null) {
          this.#startOver();
          continue;
        }
        const goOn = this.hooks.onExecution(ending, this);
        this.executionOver();
        const fiber = this.#backtrack();
        if (fiber < 0) return true;
        if (!goOn) return false;
        this.#replay(fiber);
      }
    } finally {
      this.execution.finish();
    }
  }

  #begin(): void {
    this.sleepingAt.set(0, 0);
    this.execution.start();
  }

  #startOver(): void {
    this.#known = this.execution.program.world.shared.size;
    this.#misjudged = false;
    this.trail = new Trail(this.execution.program.threads.length);
    this.#happensBefore = new HappensBefore(this.trail);
    this.#sleepers = [];
    this.forget();
    this.hooks.onRestart();
    this.#begin();
  }

  /** Runs the kept part of the trail again and then `fiber`'s step. */
  #replay(fiber: number): void {
    const { execution, trail } = this;
    execution.start();
    execution.repeat(trail);
    this.counts.steps += trail.depth;
    this.#step(fiber);
  }

  /** Goes on to the end; null when the search has to begin again. */
  #extend(): Ending | null {
    const { execution, trail } = this;
    for (;;) {
      if (this.#misjudged || this.execution.program.world.shared.size !== this.#known) return null;
      const { depth } = trail;
      const enabled = execution.enabled();
      this.enabledAt.set(depth, enabled);
      if (enabled === 0) return this.#end();
      if (depth >= this.hooks.maxSteps) return endOfCut(execution, depth);
      const available = enabled & ~this.sleepingAt.get(depth);
      const latest = depth === 0 ? -1 : trail.fiberOf(depth - 1);
      const fiber = this.choose(depth, available, latest);
      if (fiber < 0) {
        // An equivalent execution goes on from here, but need not come to where these fibers are blocked.
        this.#raceBlocked();
        return 'redundant';
      }
      this.#step(fiber);
    }
  }

  #step(fiber: number): void {
    const { execution, trail } = this;
    const { depth } = trail;
    const waiting = this.#noteWaiting(fiber);
    const { pending, performed } = execution.fibers[fiber] as Execution['fibers'][number];
    const declared = pending.accesses.length;
    const kind = pending.kind as OperationKind;
    execution.step(fiber);
    this.counts.steps++;
    this.counts.newSteps++;
    const number = trail.stepsOf(fiber);
    if (this.#footprints.complete(fiber, number, kind, declared, performed)) this.#misjudged = true;
    const races = this.#racesOf(fiber, performed, waiting);
    trail.push(fiber, performed);
    this.#passSleep(depth, fiber);
    if (trail.depth > this.counts.deepest) this.counts.deepest = trail.depth;
    if (races.length === 0) return;
    const late: LateEvent = { fiber, depth, accesses: trail.accessesOf(depth) };
    for (const early of races) this.race(early, late);
  }

  readonly #races: number[] = [];
  readonly #noteRace = (early: number): void => {
    this.#races.push(early);
  };

  #racesOf(fiber: number, performed: AccessList, waiting: Waiting | null): readonly number[] {
    if (this.#races.length > 0) this.#races.length = 0;
    this.#happensBefore.enter(fiber, performed, waiting, this.#noteRace);
    return this.#races;
  }

  /** Keeps what a wait is, before its step: afterwards the fiber's record describes the next operation. */
  #noteWaiting(fiber: number): Waiting | null {
    const { pending } = this.execution.fibers[fiber] as Execution['fibers'][number];
    if (pending.kind?.enabledWhen === undefined) return null;
    const waiting = this.#waiting;
    waiting.kind = pending.kind;
    waiting.target = pending.target;
    waiting.argument = pending.argument;
    waiting.number0 = pending.number0;
    waiting.fiber = pending.fiber;
    return waiting;
  }

  /** Who sleeps after event `depth`: those who slept before it and do not depend on it. */
  #passSleep(depth: number, fiber: number): void {
    const { fibers } = this.trail;
    let asleep = 0;
    const before = this.sleepingAt.get(depth) & ~(1 << fiber);
    for (let rest = before; rest !== 0; rest &= rest - 1) {
      const sleeper = 31 - Math.clz32(rest & -rest);
      const accesses = this.#sleepers[depth * fibers + sleeper] as Accesses;
      if (this.trail.dependsOn(depth, accesses)) continue;
      asleep |= 1 << sleeper;
      this.#sleepers[(depth + 1) * fibers + sleeper] = accesses;
    }
    this.sleepingAt.set(depth + 1, asleep);
  }

  /** What a sleeping fiber's step before event `depth` accesses. */
  protected sleeperAccesses(depth: number, fiber: number): Accesses {
    return this.#sleepers[depth * this.trail.fibers + fiber] as Accesses;
  }

  /** No fiber can go on: how it ended. */
  #end(): Ending {
    this.#raceBlocked();
    return endOf(this.execution);
  }

  /** Fibers that are blocked where the execution ends race with what keeps them blocked. */
  #raceBlocked(): void {
    const { execution, trail } = this;
    const able = execution.enabled();
    for (const { id, pending, finished } of execution.fibers) {
      if (finished || (able >> id) & 1) continue;
      const waiting = pending.kind?.enabledWhen === undefined ? null : pending;
      const kind = pending.kind as OperationKind;
      const all = this.#footprints.ofBlocked(id, trail.stepsOf(id), kind, pending.accesses);
      const races = this.#racesOf(id, pending.accesses, waiting);
      const late: LateEvent = { fiber: id, depth: trail.depth, accesses: snapshotOf(all) };
      for (const early of races) this.race(early, late);
    }
  }

  /** Pops events until another step is to be tried, and says whose; -1: nothing is left. */
  #backtrack(): number {
    const { trail } = this;
    while (trail.depth > 0) {
      const depth = trail.depth - 1;
      const fiber = trail.fiberOf(depth);
      this.sleepingAt.set(depth, this.sleepingAt.get(depth) | (1 << fiber));
      const next = this.next(depth);
      if (next >= 0) this.#sleepers[depth * trail.fibers + fiber] = trail.accessesOf(depth);
      trail.pop();
      if (next >= 0) return next;
    }
    return -1;
  }

  /** Whether a sleeper's step before event `depth` depends on any of the given steps. */
  protected sleeperDependsOn(
    depth: number,
    fiber: number,
    steps: readonly { accesses: Accesses }[],
  ): boolean {
    const own = this.sleeperAccesses(depth, fiber);
    return steps.some(({ accesses }) => stepsDepend(own, accesses));
  }
}

/** The lowest fiber of a mask, or -1. */
export function lowest(mask: number): number {
  return mask === 0 ? -1 : 31 - Math.clz32(mask & -mask);
}

/** `latest` if it is in the mask, else the lowest: what runs on without a preemption. */
export function preferred(mask: number, latest: number): number {
  return latest >= 0 && (mask >> latest) & 1 ? latest : lowest(mask);
}
