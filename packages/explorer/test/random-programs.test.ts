/**
 * The engines on small random programs, against every interleaving: the same traces and the same outcomes, the optimal
 * engine no trace twice, and the exact number of interleavings.
 *
 * IOMMU_LAB_SEEDS says how many programs of each mix are run (150; a nightly run takes thousands).
 */
import { describe, expect, it } from 'vitest';
import { countInterleavings } from '../src/index';
import { NIGHTLY } from './nightly';
import { allInterleavings, type Explored, runSchedules } from './oracle/brute-force';
import { searched } from './oracle/searched';
import { MIXES, type Mix, randomProgram } from './programs/random/random-program';

const SEEDS = Number(process.env.IOMMU_LAB_SEEDS ?? (NIGHTLY ? 3000 : 150));
/** A program with more is passed over: it would take as long as many others. */
const MOST_INTERLEAVINGS = 4200;
/** More than these programs have steps: a bound that bounds nothing. */
const ANY_PREEMPTIONS = 30;
/** Mixes in which whatever an optimal search plans can be run: nothing there depends on how a try went. */
const NEVER_REDUNDANT: readonly string[] = ['variables', 'mutex', 'references', 'published objects'];
const ENGINES = ['optimal', 'source', 'bounded'] as const;

/** What one program showed. */
interface Shown {
  /** What is wrong, in words. */
  readonly wrong: readonly string[];
  readonly traces: number;
  /** Executions given up as redundant, by engine. */
  readonly redundant: Readonly<Record<(typeof ENGINES)[number], number>>;
}

/** @returns null for a program with too many interleavings */
function show(mix: Mix, seed: number): Shown | null {
  const counted = countInterleavings(randomProgram(mix, seed).program)?.interleavings;
  if (counted === undefined || counted > MOST_INTERLEAVINGS) return null;
  const subject = randomProgram(mix, seed);
  const all = allInterleavings(subject);
  const wrong = all.ambiguous.length > 0 ? [`${all.ambiguous.length} traces have several outcomes`] : [];
  const redundant = { optimal: 0, source: 0, bounded: 0 };
  for (const engine of ENGINES) {
    const { result, schedules } = searched(randomProgram(mix, seed).program, engine, ANY_PREEMPTIONS);
    const run = runSchedules(subject, schedules);
    redundant[engine] = result.redundant;
    if (result.verdict !== 'COMPLETE') wrong.push(`${engine}: ${result.verdict}: ${result.reason}`);
    wrong.push(...differences(all, run).map((difference) => `${engine}: ${difference}`));
    if (engine === 'optimal' && run.executions > run.traces.size) {
      wrong.push(`optimal: ${run.executions} executions for ${run.traces.size} traces`);
    }
  }
  if (counted !== BigInt(all.executions)) wrong.push(`counted ${counted} of ${all.executions} interleavings`);
  const where = `${mix.id}, seed ${seed}: ${subject.program.id}`;
  return { wrong: wrong.map((line) => `${where}: ${line}`), traces: all.traces.size, redundant };
}

function differences(all: Explored, run: Explored): string[] {
  const missed = [...all.traces.keys()].filter((trace) => !run.traces.has(trace));
  const invented = [...run.traces.keys()].filter((trace) => !all.traces.has(trace));
  const lost = [...all.outcomes].filter((outcome) => !run.outcomes.has(outcome));
  const counts = { 'traces missed': missed, 'traces that do not exist': invented, 'outcomes missed': lost };
  return Object.entries(counts)
    .filter(([, items]) => items.length > 0)
    .map(([what, { length }]) => `${length} ${what}, of ${all.traces.size} traces`);
}

describe('against every interleaving', () => {
  it.for(MIXES)('random programs: $id', async (mix, { annotate }) => {
    const wrong: string[] = [];
    const sums = { programs: 0, passedOver: 0, traces: 0, redundantOptimal: 0, redundantSource: 0 };
    for (let seed = 1; sums.programs < SEEDS; seed++) {
      const shown = show(mix, seed);
      if (shown === null) {
        sums.passedOver++;
        continue;
      }
      wrong.push(...shown.wrong);
      sums.programs++;
      sums.traces += shown.traces;
      sums.redundantOptimal += shown.redundant.optimal;
      sums.redundantSource += shown.redundant.source;
    }
    await annotate(JSON.stringify(sums));
    expect(wrong).toEqual([]);
    expect(sums.passedOver).toBeLessThan(2 * SEEDS);
    if (NEVER_REDUNDANT.includes(mix.id)) expect(sums.redundantOptimal).toBe(0);
  });
});
