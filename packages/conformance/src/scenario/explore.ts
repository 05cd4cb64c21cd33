/** Explores one scenario on one variant, and says what came of it in the words of the report. */
import {
  type Agreement,
  counterexampleOf,
  type Engine,
  type Exploration,
  type ExploreOptions,
  explore,
  exploreTwice,
  type Finding,
  type Program,
  type Progress,
} from '@iommu-lab/explorer';
import type { EraId, Variant } from '@iommu-lab/kernel';
import type { ExploreResult, ExploreViolation } from '../results/explore-report';
import { eraOfScenario, type ScenarioProgram, scenarioProgram } from './program';
import type { Scenario } from './scenario';
import { isSought } from './sought';

/** Executions that making one counterexample short may take. */
const SHRINK_BUDGET = 500;
const PROGRESS_EVERY = 32;

export interface ExploreScenarioOptions {
  /** Default: the era of the scenario's profile. */
  readonly era?: EraId;
  /** Default: `optimal`, and `source` as a check of it. */
  readonly engine?: Engine;
  /** Executions after which the search ends; samples run so many. */
  readonly maxExecutions?: number;
  /** Engine `bounded`: the highest number of preemptions; default 2. */
  readonly bound?: number;
  /** Engines `random` and `pct`; default 1. */
  readonly seed?: number;
  /** Called now and then; false ends the search, and what it has shown by then is the result. */
  readonly onProgress?: (progress: Progress) => boolean;
}

/**
 * Runs the scenario's threads in every order that the engine covers. `witness` is null: it takes other variants.
 * @throws InputError as `scenarioProgram` does
 */
export function exploreScenario(
  scenario: Scenario,
  variant: Variant,
  options: ExploreScenarioOptions = {},
): ExploreResult {
  const { engine = 'optimal' } = options;
  const head = {
    scenario: scenario.id,
    hazard: scenario.hazard?.id ?? null,
    variant: scenario.hazard?.varies === 'kernel' ? null : variant.id,
    era: eraOfScenario(scenario, options.era),
    engine,
    memoryModel: 'sequentially consistent',
    threads: scenario.threads.length,
    witness: null,
  } as const;
  if (variant.ports.domain === undefined) {
    const reason = 'the variant has no domain port: frontend type1 cannot use it';
    const counts = { executions: 0, deepest: 0, repeated: 0, differing: 0 };
    const nothing = { ...counts, violations: [], because: null, agreement: null };
    return { ...head, ...nothing, verdict: 'NOT_EXPRESSIBLE', reason };
  }
  const program = scenarioProgram(scenario, variant, options);
  const { exploration, agreement, failures } = searched(program, scenario, options);
  const { executions, deepest, because, repeated, differing } = exploration;
  return {
    ...head,
    ...verdictOf(exploration, failures, scenario),
    violations: exploration.findings.map((finding) => violationOf(program, scenario, finding)),
    executions,
    deepest,
    because: because?.text ?? null,
    agreement,
    repeated,
    differing,
  };
}

/** How many of the injected failures were taken, in some execution. */
interface Failures {
  readonly armed: number;
  taken: number;
}

function searched(
  program: ScenarioProgram,
  scenario: Scenario,
  options: ExploreScenarioOptions,
): { exploration: Exploration; agreement: ExploreResult['agreement']; failures: Failures } {
  const { engine, onProgress, maxExecutions } = options;
  const { injections } = program.system.kernel;
  const failures: Failures = { armed: injections.value.length, taken: 0 };
  const observe = () => {
    failures.taken = Math.max(failures.taken, failures.armed - injections.value.length);
  };
  if (engine !== undefined) {
    const exploration = explore(program, { ...searchOptions(scenario, engine, options), observe });
    return { exploration, agreement: null, failures };
  }
  let ended = false;
  const { agreement, ...exploration } = exploreTwice(program, {
    ...searchOptions(scenario, 'optimal', options),
    observe,
    onProgress: (progress) => {
      ended ||= onProgress?.(progress) === false;
      return !ended;
    },
  });
  const comparable = !ended && (maxExecutions === undefined || agreement.agree);
  return { exploration, agreement: comparable ? plain(agreement) : null, failures };
}

function plain({ engines, executions, agree, differences }: Agreement): ExploreResult['agreement'] {
  return { engines: [...engines], executions: [...executions], agree, differences: [...differences] };
}

function searchOptions(
  { deciding }: Scenario,
  engine: Engine,
  { maxExecutions, bound, seed, onProgress }: ExploreScenarioOptions,
): ExploreOptions {
  return {
    engine,
    progressEvery: PROGRESS_EVERY,
    ...(deciding === undefined ? {} : { deciding }),
    ...(maxExecutions === undefined ? {} : { maxExecutions }),
    ...(bound === undefined ? {} : { maxPreemptions: bound }),
    ...(seed === undefined ? {} : { seed }),
    ...(onProgress === undefined ? {} : { onProgress }),
  };
}

/** Where the deciding events never met, or the injected failures never came, that nothing was found says nothing. */
function verdictOf(
  { verdict, reason, because, findings }: Exploration,
  { armed, taken }: Failures,
  scenario: Scenario,
): Pick<ExploreResult, 'verdict' | 'reason'> {
  if (findings.some((finding) => isSought(scenario, finding))) return { verdict, reason };
  const apart = because !== null && because.useFirst + because.endFirst === 0;
  const untaken = armed > 0 && taken === 0;
  if (!apart && !untaken) return { verdict, reason };
  const why = untaken ? 'the injected failure was never taken' : because?.text;
  return { verdict: 'VACUOUS', reason: `${why} (${verdict}: ${reason})` };
}

function violationOf(program: Program, scenario: Scenario, finding: Finding): ExploreViolation {
  const { kind, message, object, at } = finding;
  const head = { kind, object, at, sought: isSought(scenario, finding) };
  const shown = counterexampleOf(program, finding, SHRINK_BUDGET);
  if (shown === null) {
    const steps = finding.schedule.length;
    return { ...head, message, token: null, steps, deviations: 0, story: [], remedy: null };
  }
  const { token, schedule, deviations, violation, story, remedy } = shown;
  return {
    ...head,
    message: violation.message,
    token,
    steps: schedule.length,
    deviations: deviations.length,
    story: [...story],
    remedy,
  };
}
