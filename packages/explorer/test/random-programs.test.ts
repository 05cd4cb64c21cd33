/**
 * The partial-order engines on small random programs, against every interleaving: the same traces and the same
 * outcomes, and the optimal engine no trace twice.
 *
 * IOMMU_LAB_SEEDS says how many programs of each mix are run (a nightly run takes thousands).
 */
import { describe, expect, it } from 'vitest';
import { allInterleavings, type Explored, runSchedules } from './oracle/brute-force';
import { searched } from './oracle/searched';
import { MIXES, type Mix, randomProgram } from './programs/random/random-program';

const SEEDS = Number(process.env.IOMMU_LAB_SEEDS ?? 150);
const MOST_INTERLEAVINGS = 20_000;

/** What is wrong with an engine's search of one program, in words. */
function complaints(mix: Mix, seed: number): string[] {
  const subject = randomProgram(mix, seed);
  const all = allInterleavings(subject, MOST_INTERLEAVINGS);
  if (all === null) return ['too many interleavings'];
  const wrong = all.ambiguous.length > 0 ? [`${all.ambiguous.length} traces have several outcomes`] : [];
  for (const engine of ['optimal', 'source'] as const) {
    const { result, schedules } = searched(randomProgram(mix, seed).program, engine);
    const run = runSchedules(subject, schedules);
    if (result.verdict !== 'COMPLETE') wrong.push(`${engine}: ${result.verdict}: ${result.reason}`);
    wrong.push(...differences(all, run).map((difference) => `${engine}: ${difference}`));
    if (engine === 'optimal' && run.executions > run.traces.size) {
      wrong.push(`optimal: ${run.executions} executions for ${run.traces.size} traces`);
    }
  }
  return wrong.map((line) => `${mix.id}, seed ${seed}: ${subject.program.id}: ${line}`);
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
  it.each(MIXES)('random programs: $id', (mix) => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) wrong.push(...complaints(mix, seed));
    expect(wrong).toEqual([]);
  });
});
