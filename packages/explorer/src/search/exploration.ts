/** What an exploration is asked and what it answers. The answer says how far it reaches; there is no bare "ok". */
import type { Violation, ViolationKind, ViolationNote } from '../violation';
import type { World } from '../world';
import type { Because, Deciding } from './because';
import type { Accesses } from './dependency';
import type { Ending } from './ending';

/**
 * `optimal`: every Mazurkiewicz trace once. `source`: every trace, by another algorithm; the cross-check. `bounded`:
 * every schedule with at most 0, 1, 2, ... preemptions. `random`, `pct`: samples.
 */
export type Engine = 'optimal' | 'source' | 'bounded' | 'random' | 'pct';

/**
 * `COMPLETE`: every interleaving of this program was covered. `BOUNDED`: all within the stated bound, or the search
 * was ended. `SAMPLED`: some, with the stated chance of missing one.
 */
export type VerdictWord = 'COMPLETE' | 'BOUNDED' | 'SAMPLED';

export interface ExploreOptions {
  /** Default `optimal`. */
  readonly engine?: Engine;
  /** Executions after which the search ends with BOUNDED; for `random` and `pct` how many are run. */
  readonly maxExecutions?: number;
  /** Steps after which an execution is cut; default 10,000. */
  readonly maxSteps?: number;
  /** `bounded`: the highest number of preemptions tried; default 2. */
  readonly maxPreemptions?: number;
  /** `random`, `pct`; default 1. */
  readonly seed?: number;
  /** `pct`: how many ordering constraints a violation may need; default 3. */
  readonly pctDepth?: number;
  /** End with the first violation. */
  readonly stopAtFirst?: boolean;
  /** Two events whose order decides; the answer says what was seen of them. Costs a record of every event. */
  readonly deciding?: Deciding;
  /** Called after every execution. */
  readonly observe?: (execution: ExecutionView) => void;
  /** Called every `progressEvery` executions (default 256); false ends the search. */
  readonly onProgress?: (progress: Progress) => boolean;
  readonly progressEvery?: number;
}

/** One execution at its end; valid during the call. */
export interface ExecutionView {
  readonly ending: Ending;
  readonly world: World;
  /** Violations of this execution. */
  readonly violations: readonly Violation[];
  /** The fiber of each step. */
  schedule(): readonly number[];
  /** (location, kind) pairs of a step. */
  accessesOf(step: number): Accesses;
}

export interface Progress {
  readonly executions: number;
  readonly steps: number;
  /** Executions that are certain to follow: branches that are planned and not yet run. */
  readonly atLeast: number;
  readonly violations: number;
}

/** A kind of violation in one place, with the first schedule that shows it. */
export interface Finding extends ViolationNote {
  readonly kind: ViolationKind;
  readonly message: string;
  readonly object: string | null;
  readonly at: string;
  readonly fiber: string;
  /** The fiber of each step, up to the violation or beyond. */
  readonly schedule: readonly number[];
  /** Executions that show it, those among them that were given up as redundant later on. */
  readonly executions: number;
}

export interface Exploration {
  readonly program: string;
  readonly engine: Engine;
  readonly verdict: VerdictWord;
  /** What the verdict rests on, in words: for BOUNDED the bound, for SAMPLED the chance of a miss. */
  readonly reason: string;
  /** Only this: weaker memory is not modelled. */
  readonly memoryModel: 'sequentially consistent';
  readonly threads: readonly string[];
  /** Executions that ran to an end of their own. */
  readonly executions: number;
  /** Executions given up because an equivalent one was run before. */
  readonly redundant: number;
  /** Executions cut at the step bound. */
  readonly cut: number;
  readonly deadlocks: number;
  /** Executions that end in a wait that only user space could end. */
  readonly waits: number;
  readonly steps: number;
  readonly newSteps: number;
  /** Steps of the longest execution. */
  readonly deepest: number;
  readonly fallbacks: number;
  /** How often the search began anew because it learned of an access that it had not been looking at. */
  readonly restarts: number;
  /** Executions that were run twice, and those of them that went differently: what is not under control. */
  readonly repeated: number;
  readonly differing: number;
  readonly findings: readonly Finding[];
  /** What was seen of the deciding events; null where none were named. */
  readonly because: Because | null;
}
