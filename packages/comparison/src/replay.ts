/** Tokens: which scenario, variant and era one speaks of, and its schedule step by step. */
import {
  scenarios as allScenarios,
  InputError,
  programId,
  type Scenario,
  type ScenarioProgram,
  scenarioProgram,
} from '@iommu-lab/conformance';
import {
  counterexampleAt,
  Execution,
  parseToken,
  programHash,
  type RecordedEvent,
  replayRecorded,
  type Violation,
} from '@iommu-lab/explorer';
import type { Variant } from '@iommu-lab/kernel';
import { VARIANTS } from './registry';
import { erasOf } from './scenario-eras';

export interface ReplayOptions {
  /** Replays on this variant, whichever the token was found on. */
  readonly variant?: Variant;
  /** Where the token's scenario is looked for; default: those that come with the suite. */
  readonly scenarios?: readonly Scenario[];
}

/** A schedule, event by event. */
export interface ReplayedToken {
  readonly token: string;
  readonly scenario: Scenario;
  readonly variant: string;
  readonly era: string;
  readonly threads: readonly string[];
  /** The thread of each step. */
  readonly schedule: readonly string[];
  readonly events: readonly RecordedEvent[];
  readonly violations: readonly Violation[];
  /** What happened up to the first violation, one sentence each. */
  readonly story: readonly string[];
  readonly remedy: string | null;
  readonly preemptions: number;
  /** The first step at which the schedule could not be followed: the token is of another version. Else null. */
  readonly divergedAt: number | null;
  readonly ending: string;
}

/**
 * Runs the schedule of a token from beginning to end.
 * @throws UsageError where the text is no token, InputError where it names no scenario of these
 */
export function replayToken(token: string, options: ReplayOptions = {}): ReplayedToken {
  const { deviations } = parseToken(token);
  const program = programOf(token, options);
  const execution = new Execution(program);
  const told = counterexampleAt(execution, deviations);
  const { schedule, ...replayed } = replayRecorded(execution, deviations);
  const threads = program.threads.map(({ name }) => name);
  return {
    token,
    scenario: program.scenario,
    variant: program.variant,
    era: program.era,
    threads,
    schedule: schedule.map((fiber) => threads[fiber] as string),
    events: replayed.events,
    violations: replayed.violations,
    story: told?.story ?? [],
    remedy: told?.remedy ?? null,
    preemptions: replayed.preemptions,
    divergedAt: replayed.divergedAt,
    ending: replayed.ending,
  };
}

function programOf(token: string, { variant, scenarios = allScenarios() }: ReplayOptions): ScenarioProgram {
  const { program: hash } = parseToken(token);
  const variants = variant === undefined ? VARIANTS : [...VARIANTS, variant];
  for (const scenario of scenarios) {
    for (const era of erasOf(scenario)) {
      const found = variants.find((one) => programHash(programId(scenario.id, one.id, era)) === hash);
      if (found !== undefined) return scenarioProgram(scenario, variant ?? found, { era });
    }
  }
  throw new InputError(
    `names none of the scenarios ${scenarios.map(({ id }) => id).join(', ')} on a built-in variant`,
    { source: `token ${token}` },
  );
}
