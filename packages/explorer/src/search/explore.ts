/** Explores a program with the engine of one's choice. */
import type { Program } from '../program';
import { BoundedSearch } from './bounded-search';
import { Execution } from './execution';
import type { Engine, Exploration, ExploreOptions, VerdictWord } from './exploration';
import { OptimalSearch } from './optimal-search';
import type { PartialOrderSearch, SearchHooks } from './partial-order';
import { pctSampler, randomSampler, sample } from './sampling';
import { SourceSearch } from './source-search';
import { Tally } from './tally';
import { Trail } from './trail';

const MAX_STEPS = 10_000;
const MAX_PREEMPTIONS = 2;
const SAMPLES = 10_000;
const PCT_DEPTH = 3;

/**
 * Runs a program under many schedules and says what they showed. The world is in its initial state afterwards.
 * @throws UsageError for a program with no thread, more than 31, two of one name, or whose world has a live fiber.
 */
export function explore(program: Program, options: ExploreOptions = {}): Exploration {
  const engine = options.engine ?? 'optimal';
  switch (engine) {
    case 'optimal':
    case 'source':
      return explorePartialOrders(program, engine, options);
    case 'bounded':
      return exploreBounded(program, options);
    case 'random':
    case 'pct':
      return exploreSamples(program, engine, options);
  }
}

function exploreBounded(program: Program, options: ExploreOptions): Exploration {
  const { maxSteps = MAX_STEPS, maxPreemptions = MAX_PREEMPTIONS } = options;
  const execution = new Execution(program);
  const tally = new Tally(execution, options);
  const search = new BoundedSearch(execution, tally, maxSteps);
  const { covered, exhausted } = search.explore(maxPreemptions);
  const { executions } = tally;
  tally.close();
  const doubt = doubtOf(tally, maxSteps) ?? gapOf(tally);
  const { steps, newSteps, deepest } = search.run;
  const counts = { steps, newSteps, deepest, fallbacks: 0 };
  if (doubt !== null) return tally.result('bounded', 'BOUNDED', doubt, counts);
  if (exhausted) {
    const because = `${executions} executions reach every state; none needs more than ${covered} preemptions`;
    return tally.result('bounded', 'COMPLETE', because, counts);
  }
  const bound = covered < 0 ? 'ended before all schedules without a preemption' : `preemptions <= ${covered}`;
  return tally.result('bounded', 'BOUNDED', `${bound}: ${executions} executions`, counts);
}

function exploreSamples(program: Program, engine: 'random' | 'pct', options: ExploreOptions): Exploration {
  const { maxSteps = MAX_STEPS, maxExecutions = SAMPLES, seed = 1, pctDepth = PCT_DEPTH } = options;
  const execution = new Execution(program);
  const fibers = execution.fibers.length;
  const tally = new Tally(execution, { ...options, maxExecutions });
  const sampler = engine === 'random' ? randomSampler(seed) : pctSampler(seed, fibers, pctDepth);
  const trail = new Trail(fibers, false);
  const counts = { steps: 0, newSteps: 0, deepest: 0, fallbacks: 0 };
  // PCT's guarantee holds for runs that knew how long a run can be.
  let informed = 0;
  try {
    for (let goOn = maxExecutions > 0; goOn; ) {
      const known = program.world.shared.size;
      const ending = sample(execution, sampler, trail, counts.deepest, maxSteps);
      if (program.world.shared.size !== known) {
        // This run and those before it did not look at all accesses.
        tally.startOver();
        informed = 0;
        continue;
      }
      informed = trail.depth > counts.deepest ? 0 : informed + 1;
      counts.steps += trail.depth;
      counts.deepest = Math.max(counts.deepest, trail.depth);
      goOn = tally.add(ending, trail, counts.steps, maxExecutions - tally.executions - 1);
    }
  } finally {
    execution.finish();
  }
  counts.newSteps = counts.steps;
  const guarantee =
    engine === 'random' ? RANDOM_GUARANTEE : pctGuarantee(pctDepth, fibers, counts.deepest, informed);
  tally.close();
  const doubt = doubtOf(tally, maxSteps);
  return tally.result(engine, 'SAMPLED', doubt ?? `${tally.executions} runs, ${guarantee}`, counts);
}

const RANDOM_GUARANTEE =
  'random walk: a schedule of k steps with at most n fibers ready is run with a chance of at least n^-k';

function pctGuarantee(depth: number, fibers: number, steps: number, runs: number): string {
  const one = `1/(${fibers}*${steps}^${depth - 1})`;
  return `PCT d=${depth}, n=${fibers}, k=${steps}: P(miss a violation of depth ${depth}) <= (1 - ${one})^${runs}`;
}

function explorePartialOrders(
  program: Program,
  engine: 'optimal' | 'source',
  options: ExploreOptions,
): Exploration {
  const maxSteps = options.maxSteps ?? MAX_STEPS;
  const execution = new Execution(program);
  const tally = new Tally(execution, options);
  const hooks: SearchHooks = {
    maxSteps,
    onExecution: (ending, search) => tally.add(ending, search.trail, search.counts.steps, search.planned()),
    onRestart: () => tally.startOver(),
  };
  const search: PartialOrderSearch =
    engine === 'optimal' ? new OptimalSearch(execution, hooks) : new SourceSearch(execution, hooks);
  const exhausted = search.run();
  tally.close();
  const [verdict, because] = verdictOf(tally, exhausted, engine, maxSteps);
  return tally.result(engine, verdict, because, search.counts);
}

function verdictOf(
  tally: Tally,
  exhausted: boolean,
  engine: Engine,
  maxSteps: number,
): [VerdictWord, string] {
  const { executions, redundant } = tally;
  const doubt = doubtOf(tally, maxSteps) ?? gapOf(tally);
  if (doubt !== null) return ['BOUNDED', doubt];
  if (!exhausted) return ['BOUNDED', `ended after ${executions} executions with orders left to try`];
  const givenUp = engine === 'optimal' ? '' : ` (and ${redundant} given up as redundant)`;
  return [
    'COMPLETE',
    `${executions} executions = ${executions} traces${givenUp}; every interleaving of this program`,
  ];
}

/** What forbids a better verdict whatever the engine did; null: nothing. */
function doubtOf({ cut, repeated, differing }: Tally, maxSteps: number): string | null {
  if (differing > 0) return `${differing} of ${repeated} executions went differently when repeated`;
  return cut > 0 ? `${cut} executions were cut after ${maxSteps} steps` : null;
}

/** What forbids COMPLETE in particular; null: nothing. */
function gapOf({ strayUnlocks }: Tally): string | null {
  if (strayUnlocks === 0) return null;
  return `an unlock by one who does not hold the lock (${strayUnlocks} executions): not all that can follow was tried`;
}
