/** Runs a program under one given schedule, with every detector that looks at one execution. */
import { DataRaceDetector } from '../detect/data-race';
import type { EventListener } from '../event';
import type { Program } from '../program';
import type { Violation } from '../violation';
import { type Ending, endOf, endOfCut } from './ending';
import { Execution } from './execution';
import { preferred } from './partial-order';
import type { Deviation } from './token';
import { Trail } from './trail';

export interface ReplayOptions {
  /** Sees every event, also accesses that are no scheduling points. */
  readonly listener?: EventListener;
  /** Called after each step with its number; the world stands as the step left it. */
  readonly onStep?: (step: number, fiber: number, execution: Execution) => void;
  /** Called at the end, before the world goes back to its initial state. */
  readonly atEnd?: (execution: Execution) => void;
  /** Ends right after the step that this says yes to. */
  readonly until?: (violations: readonly Violation[]) => boolean;
  /** Steps after which it is cut; default 10,000. */
  readonly maxSteps?: number;
}

export interface Replay {
  /** The fiber of each step. */
  readonly schedule: readonly number[];
  readonly ending: Ending | 'until';
  readonly violations: readonly Violation[];
  /** Switches away from a fiber that could have gone on. */
  readonly preemptions: number;
  /** The first step at which a deviation could not be taken, or null. */
  readonly divergedAt: number | null;
}

const MAX_STEPS = 10_000;

/**
 * Replays deviations from the default policy. The world is in its initial state afterwards.
 * @throws UsageError as `explore` does
 */
export function replay(
  program: Program,
  deviations: readonly Deviation[],
  options: ReplayOptions = {},
): Replay {
  const execution = new Execution(program);
  const { maxSteps = MAX_STEPS } = options;
  // Shows which cells are accessed without their lock: of those every access counts, from the beginning.
  replayOn(execution, deviations, { maxSteps });
  return replayOn(execution, deviations, options);
}

/** The same on an execution that is used again and again. */
export function replayOn(
  execution: Execution,
  deviations: readonly Deviation[],
  options: ReplayOptions = {},
): Replay {
  const { world, atEnd } = execution.program;
  const known = world.violations.length;
  const maxSteps = options.maxSteps ?? MAX_STEPS;
  const run = new DeviationRun(deviations);
  const trail = world.shared.size > 0 ? new Trail(execution.fibers.length) : null;
  world.listener = options.listener ?? null;
  world.listensToLocals = options.listener !== undefined;
  try {
    execution.start();
    let ending: Ending | 'until' | null = null;
    while (ending === null) {
      const enabled = execution.enabled();
      if (enabled === 0) ending = endOf(execution);
      else if (run.schedule.length >= maxSteps) ending = endOfCut(execution, maxSteps);
      else {
        const fiber = run.pick(enabled);
        execution.step(fiber);
        trail?.push(fiber, (execution.fibers[fiber] as Execution['fibers'][number]).performed);
        options.onStep?.(run.schedule.length - 1, fiber, execution);
        if (world.violations.length > known && options.until?.(world.violations.slice(known)))
          ending = 'until';
      }
    }
    if (ending === 'finished') atEnd?.();
    if (trail !== null) new DataRaceDetector(world, namesOf(execution)).check(trail);
    options.atEnd?.(execution);
    const violations = world.violations.slice(known);
    if (ending !== 'until') run.end();
    const { schedule, preemptions, divergedAt } = run;
    return { schedule, ending, violations, preemptions, divergedAt };
  } finally {
    world.listener = null;
    world.listensToLocals = false;
    execution.finish();
  }
}

function namesOf({ program }: Execution): string[] {
  return program.threads.map((thread) => thread.name);
}

/** Whose turn it is under the default policy and a list of deviations. */
class DeviationRun {
  readonly schedule: number[] = [];
  preemptions = 0;
  divergedAt: number | null = null;
  #next = 0;

  constructor(private readonly deviations: readonly Deviation[]) {}

  /** The execution is over; deviations that are left had no step to be taken at. */
  end(): void {
    if (this.#next < this.deviations.length) this.divergedAt ??= this.schedule.length;
  }

  pick(enabled: number): number {
    const step = this.schedule.length;
    const latest = step === 0 ? -1 : (this.schedule[step - 1] as number);
    let fiber = preferred(enabled, latest);
    for (let next = this.deviations[this.#next]; next?.step === step; next = this.deviations[this.#next]) {
      this.#next++;
      if ((enabled >> next.fiber) & 1) fiber = next.fiber;
      else this.divergedAt ??= step;
    }
    if (latest >= 0 && fiber !== latest && (enabled >> latest) & 1) this.preemptions++;
    this.schedule.push(fiber);
    return fiber;
  }
}

/** The deviations from the default policy that make a schedule. Runs it once. */
export function deviationsOf(execution: Execution, schedule: readonly number[]): Deviation[] {
  const deviations: Deviation[] = [];
  try {
    execution.start();
    let latest = -1;
    for (const [step, fiber] of schedule.entries()) {
      const enabled = execution.enabled();
      if (preferred(enabled, latest) !== fiber) deviations.push({ step, fiber });
      if (((enabled >> fiber) & 1) === 0) break;
      execution.step(fiber);
      latest = fiber;
    }
    return deviations;
  } finally {
    execution.finish();
  }
}
