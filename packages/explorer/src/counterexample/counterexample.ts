/** A violation with the schedule that shows it, event by event, and what happened in words. */
import type { TraceEvent } from '../event';
import type { Program } from '../program';
import { Execution } from '../search/execution';
import type { Finding } from '../search/exploration';
import { deviationsOf, type ReplayOptions, replayOn } from '../search/replay';
import { shrink } from '../search/shrink';
import { type Deviation, formatToken } from '../search/token';
import { type Violation, violationKey } from '../violation';
import { type RecordedEvent, Recording } from './recording';
import { silence, storyOf } from './story';

export interface Counterexample {
  readonly token: string;
  readonly program: string;
  readonly threads: readonly string[];
  readonly deviations: readonly Deviation[];
  /** The fiber of each step, up to the violation. */
  readonly schedule: readonly number[];
  readonly preemptions: number;
  readonly violation: Violation;
  /** What happened, one sentence each. */
  readonly story: readonly string[];
  /** What would have ordered the two sides, in words; null where nothing in the execution says. */
  readonly remedy: string | null;
  readonly events: readonly RecordedEvent[];
}

/** What is shown of a schedule that does not fail (any more). */
export interface ReplayedSchedule {
  readonly events: readonly RecordedEvent[];
  readonly schedule: readonly number[];
  readonly violations: readonly Violation[];
  readonly preemptions: number;
  readonly divergedAt: number | null;
  readonly ending: string;
}

/**
 * Shrinks what a search found and tells it. Null when a replay does not show it: the program is not under control.
 * A lock inversion is a finding of several executions, and starvation one of a whole execution: what showed it is told
 * as it was.
 * @param budget executions that shrinking may take
 */
export function counterexampleOf(program: Program, finding: Finding, budget?: number): Counterexample | null {
  const execution = new Execution(program);
  if (finding.kind === 'lock-inversion') return asFound(execution, finding, 'the same order everywhere');
  if (finding.kind === 'starvation') {
    return asFound(execution, finding, null, { maxSteps: finding.schedule.length });
  }
  const shrunk = shrink(execution, finding.schedule, finding, budget);
  return shrunk === null ? null : counterexampleAt(execution, shrunk.deviations, violationKey(finding));
}

/** Tells the schedule of a token; `key` chooses among several violations, else the first is told. Null: none shows. */
export function counterexampleAt(
  execution: Execution,
  deviations: readonly Deviation[],
  key: string | null = null,
): Counterexample | null {
  const { program } = execution;
  const sought = (violation: Violation) => key === null || violationKey(violation) === key;
  const until = (violations: readonly Violation[]) => violations.some(sought);
  const { replayed, recording } = recorded(execution, deviations, { until });
  const violation = replayed.violations.find(sought);
  if (violation === undefined) return null;
  const { events } = recording;
  const threads = program.threads.map((thread) => thread.name);
  const { schedule, preemptions } = replayed;
  const { story, remedy } = storyOf(violation, events);
  const token = formatToken(program.id, deviations);
  return {
    token,
    program: program.id,
    threads,
    deviations,
    schedule,
    preemptions,
    violation,
    story,
    remedy,
    events,
  };
}

function asFound(
  execution: Execution,
  finding: Finding,
  remedy: string | null,
  options: Pick<ReplayOptions, 'maxSteps'> = {},
): Counterexample {
  const deviations = deviationsOf(execution, finding.schedule);
  const { replayed, recording } = recorded(execution, deviations, options);
  const { schedule, preemptions } = replayed;
  const { events } = recording;
  const { program } = execution;
  const { schedule: _, executions: __, ...found } = finding;
  return {
    token: formatToken(program.id, deviations),
    program: program.id,
    threads: program.threads.map((thread) => thread.name),
    deviations,
    schedule,
    preemptions,
    violation: { ...found, step: schedule.length },
    story: [...found.message.split('; '), ...silence(found)],
    remedy,
    events,
  };
}

/** Runs the schedule of a token to its end and keeps every event. */
export function replayRecorded(execution: Execution, deviations: readonly Deviation[]): ReplayedSchedule {
  const { replayed, recording } = recorded(execution, deviations);
  return { ...replayed, events: recording.events };
}

function recorded(
  execution: Execution,
  deviations: readonly Deviation[],
  options: Pick<ReplayOptions, 'until' | 'maxSteps'> = {},
) {
  const { world } = execution.program;
  const recording = new Recording(world);
  const listener = (event: TraceEvent) => recording.listener(event);
  for (;;) {
    const known = world.shared.size;
    recording.begin();
    const replayed = replayOn(execution, deviations, { ...options, listener });
    // A cell that turned out to be accessed without its lock: look at all of its accesses.
    if (world.shared.size === known) return { replayed, recording };
  }
}
