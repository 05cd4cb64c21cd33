/**
 * Makes a failing schedule short: few preemptions, few deviations from the default policy, few steps. The result shows
 * the same violation; it is a local minimum, which a search by preemption bound can better.
 */
import { type FindingOf, type Violation, violationKey } from '../violation';
import type { Execution } from './execution';
import { deviationsOf, type Replay, replayOn } from './replay';
import type { Deviation } from './token';

export interface Shrunk {
  readonly deviations: readonly Deviation[];
  /** Up to the violation. */
  readonly schedule: readonly number[];
  readonly preemptions: number;
  /** Executions that it took. */
  readonly replays: number;
}

/** Replays that shrinking may take; an execution of the whole kernel model costs about a millisecond. */
const BUDGET = 2000;

/**
 * Shrinks `schedule`, which shows `sought`. Null when a replay of it does not: the program is not under control.
 * @param budget executions it may take
 */
export function shrink(
  execution: Execution,
  schedule: readonly number[],
  sought: FindingOf,
  budget: number = BUDGET,
): Shrunk | null {
  const shrinker = new Shrinker(execution, violationKey(sought), budget);
  return shrinker.run(deviationsOf(execution, schedule));
}

interface Candidate {
  readonly deviations: readonly Deviation[];
  readonly replay: Replay;
}

class Shrinker {
  #replays = 0;

  constructor(
    private readonly execution: Execution,
    private readonly key: string,
    private readonly budget: number,
  ) {}

  run(start: readonly Deviation[]): Shrunk | null {
    let best = this.#try(start);
    if (best === null) return null;
    for (let before: Candidate | null = null; before !== best && this.#left(); ) {
      before = best;
      best = this.#dropSome(best);
      best = this.#moveSome(best);
    }
    const { deviations, replay } = best;
    const { schedule, preemptions } = replay;
    return { deviations, schedule, preemptions, replays: this.#replays };
  }

  /** Delta debugging: leaves out runs of deviations, long ones first. */
  #dropSome(start: Candidate): Candidate {
    let best = start;
    for (let length = best.deviations.length; length >= 1; length >>= 1) {
      for (let at = 0; at + length <= best.deviations.length && this.#left(); ) {
        const fewer = [...best.deviations.slice(0, at), ...best.deviations.slice(at + length)];
        const smaller = this.#try(fewer);
        if (smaller === null) at += Math.max(1, length >> 1);
        else best = smaller;
      }
    }
    return best;
  }

  /** Moves each deviation to the earliest step, and to another fiber, where the schedule becomes simpler. */
  #moveSome(start: Candidate): Candidate {
    let best = start;
    for (let at = 0; at < best.deviations.length; at++) {
      const length = best.replay.schedule.length;
      for (let step = 0; step < length && this.#left(); step++) {
        for (const { id } of this.execution.fibers) {
          const moved = replaced(best.deviations, at, { step, fiber: id });
          const candidate = moved === null ? null : this.#try(moved);
          if (candidate !== null && costOf(candidate) < costOf(best)) best = candidate;
        }
      }
    }
    return best;
  }

  #left(): boolean {
    return this.#replays < this.budget;
  }

  #try(deviations: readonly Deviation[]): Candidate | null {
    this.#replays++;
    const shows = (violations: readonly Violation[]) =>
      violations.some((one) => violationKey(one) === this.key);
    const replay = replayOn(this.execution, deviations, { until: shows });
    return shows(replay.violations) ? { deviations, replay } : null;
  }
}

function replaced(deviations: readonly Deviation[], at: number, by: Deviation): Deviation[] | null {
  const rest = deviations.filter((_, index) => index !== at);
  if (rest.some(({ step }) => step === by.step)) return null;
  return [...rest, by].sort((a, b) => a.step - b.step);
}

/** Preemptions count most, then switches between fibers, then steps. */
function costOf({ replay }: Candidate): number {
  const { schedule, preemptions } = replay;
  let switches = 0;
  for (let step = 1; step < schedule.length; step++) if (schedule[step] !== schedule[step - 1]) switches++;
  return preemptions * 1e8 + switches * 1e5 + schedule.length;
}
