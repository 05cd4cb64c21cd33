/** Explores a program with the engine of one's choice. */
import type { Program } from '../program';
import { Execution } from './execution';
import type { Engine, Exploration, ExploreOptions, VerdictWord } from './exploration';
import { OptimalSearch } from './optimal-search';
import type { PartialOrderSearch, SearchHooks } from './partial-order';
import { SourceSearch } from './source-search';
import { Tally } from './tally';

const MAX_STEPS = 10_000;

/**
 * Runs a program under many schedules and says what they showed. The world is in its initial state afterwards.
 * @throws UsageError for a program with more than 31 threads, or one whose world has a live fiber.
 */
export function explore(program: Program, options: ExploreOptions = {}): Exploration {
  const engine = options.engine ?? 'optimal';
  switch (engine) {
    case 'optimal':
    case 'source':
      return explorePartialOrders(program, engine, options);
    default:
      throw new TypeError(`there is no engine ${engine}`);
  }
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
  const [verdict, because] = verdictOf(tally, exhausted, engine, maxSteps);
  return tally.result(engine, verdict, because, search.counts);
}

function verdictOf(
  tally: Tally,
  exhausted: boolean,
  engine: Engine,
  maxSteps: number,
): [VerdictWord, string] {
  const { executions, redundant, cut, repeated, differing } = tally;
  if (differing > 0) {
    return ['BOUNDED', `${differing} of ${repeated} executions went differently when repeated`];
  }
  if (cut > 0) return ['BOUNDED', `${cut} executions were cut after ${maxSteps} steps`];
  if (!exhausted) return ['BOUNDED', `ended after ${executions} executions with orders left to try`];
  const traces = engine === 'optimal' ? `${executions} traces` : `traces, ${redundant} given up as redundant`;
  return ['COMPLETE', `${executions} executions = ${traces}; every interleaving of this program`];
}
