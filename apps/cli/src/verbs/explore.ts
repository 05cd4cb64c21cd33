/** `explore`: the threads of a scenario in every order, on one design after the other. */
import { exploreHolds, exploreJobs, exploreReport } from '@iommu-lab/comparison';
import {
  type ExploreResult,
  eraOfScenario,
  hazards,
  parseScenario,
  type Scenario,
  scenarioProgram,
  scenarios,
} from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import { eraNamed } from '../eras';
import { DOES_NOT_HOLD, HOLDS, INTERRUPTED } from '../exit-status';
import type { SearchJob } from '../explore/job';
import { runSearches, type Searched, type SearchProgress } from '../explore/searches';
import { readBytes } from '../files/find';
import { jsonOf } from '../files/json';
import type { Io } from '../io';
import type { Options } from '../options';
import { exploreText } from '../render/explore-text';
import { Progress } from '../terminal/progress';
import { UsageError } from '../usage-error';
import { variantsNamed } from '../variants';
import type { Verb } from '../verb';

const ENGINES = ['optimal', 'source', 'bounded', 'pct', 'random'] as const;
const WORKERS = 2;

export const exploreVerb: Verb = {
  name: 'explore',
  parameters: '<scenario>',
  usage: 'explore SCENARIO|HAZARD|all',
  summary: 'Runs threads of calls in every order',
  options: [
    { flag: '--variant <ids>', text: 'only these designs, separated by commas (default: all)' },
    { flag: '--era <era>', text: 'the kernel, such as 6.1 (default: those at which its hazard is judged)' },
    {
      flag: '--engine <engine>',
      text: '"optimal", "source", "bounded", "pct" or "random" (default: optimal, checked by source)',
    },
    { flag: '--max-executions <n>', text: 'end each search after n executions' },
    { flag: '--bound <n>', text: 'engine bounded: at most n preemptions (default: 2)' },
    { flag: '--seed <n>', text: 'engines pct and random: the seed (default: 1)' },
    { flag: '--workers <n>', text: `searches at a time (default: ${WORKERS})` },
    { flag: '--json', text: 'print the results as JSON, and nothing else' },
  ],
  notes: [
    'SCENARIO is an id ("iommu-lab show scenarios" lists them) or the path of a scenario in JSON. HAZARD stands for all' +
      ' scenarios that show it ("iommu-lab show hazards").',
    'COMPLETE: every interleaving of this scenario was covered. BOUNDED: those within the bound that it names. SAMPLED:' +
      ' some. VACUOUS: the deciding events never met. A violation comes with a token for "iommu-lab replay".',
    'An interrupt (Ctrl-C) ends the searches, prints what they have established, and ends with status 130. Exit status 1' +
      ' says that a violation was found.',
  ],
  examples: [
    'iommu-lab explore all',
    'iommu-lab explore H01 --variant device/raw,device/pinned',
    'iommu-lab explore set-iommu-vs-remove-undriven-member --variant device/raw',
    'iommu-lab explore map-vs-dma --engine random --max-executions 500 --json',
  ],
  async run({ io, positionals, options }) {
    const jobs = jobsOf(positionals[0] ?? '', options, io);
    const searched = await withLine(io, (onProgress) =>
      runSearches(io, jobs, options.whole('workers', 1) ?? WORKERS, onProgress),
    );
    const report = exploreReport(begun(searched));
    if (options.flag('json')) io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else io.stdout.write(exploreText(report, searched, io));
    if (searched.interrupted) return INTERRUPTED;
    return exploreHolds(report) ? HOLDS : DOES_NOT_HOLD;
  },
};

/** The results of the searches that have begun. */
function begun({ results }: Searched): ExploreResult[] {
  return results.filter((result) => result !== null);
}

/** What is to be searched. Everything that is wrong with it is said before the first search begins. */
function jobsOf(what: string, options: Options, io: Io): SearchJob[] {
  const variants = variantsNamed(options.list('variant'));
  const era = eraNamed(options.text('era'));
  const maxExecutions = options.whole('max-executions', 1);
  const bound = options.whole('bound', 0);
  const seed = options.whole('seed', 0);
  const engine = options.text('engine') === undefined ? undefined : options.choice('engine', ENGINES);
  const search = {
    ...(engine === undefined ? {} : { engine }),
    ...(maxExecutions === undefined ? {} : { maxExecutions }),
    ...(bound === undefined ? {} : { bound }),
    ...(seed === undefined ? {} : { seed }),
  };
  options.whole('workers', 1);
  const chosen = scenariosNamed(what, io);
  for (const scenario of chosen) checkSetUp(scenario, variants, era);
  return exploreJobs(chosen, variants, era).map(({ scenario, variant, era: at }) => ({
    scenario,
    variant: variant.id,
    options: { ...search, ...(at === undefined ? {} : { era: at }) },
  }));
}

function scenariosNamed(what: string, io: Io): Scenario[] {
  if (what === 'all') return scenarios();
  if (what.endsWith('.json')) return [parseScenario(jsonOf(readBytes(what, io.folder), what), what)];
  const found = scenarios().find(({ id }) => id === what);
  if (found !== undefined) return [found];
  const ofHazard = scenarios().filter(({ hazard }) => hazard?.id === what);
  if (ofHazard.length > 0) return ofHazard;
  const known = [...hazards(), ...scenarios()].map(({ id }) => id);
  throw new UsageError(`unknown scenario or hazard "${what}"; there are: ${known.join(', ')}`);
}

/** A scenario of the user's own is set up once before the searches begin. */
function checkSetUp(
  scenario: Scenario,
  variants: readonly Variant[],
  era: ReturnType<typeof eraNamed>,
): void {
  eraOfScenario(scenario, era);
  const own = !scenarios().some(({ id }) => id === scenario.id);
  const [first] = variants.filter(({ ports }) => ports.domain !== undefined);
  if (own && first !== undefined) scenarioProgram(scenario, first, era === undefined ? {} : { era });
}

async function withLine<T>(
  io: Io,
  work: (report: (progress: SearchProgress) => void) => Promise<T>,
): Promise<T> {
  const progress = new Progress(io);
  try {
    return await work(({ ended, total, executions, atLeast, latest }) =>
      progress.show((perSecond) => {
        const rate = `${executions} executions, ${perSecond(executions)}/s`;
        return `${ended}/${total} searches, ${rate}, at least ${atLeast} left  ${latest}`;
      }),
    );
  } finally {
    progress.erase();
  }
}
