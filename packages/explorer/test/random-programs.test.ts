/**
 * The engines on small random programs, against every interleaving: the same traces and the same outcomes, the optimal
 * engine no trace twice, and the exact number of interleavings.
 *
 * IOMMU_LAB_SEEDS says how many programs of each mix are run (150; a nightly run takes thousands).
 */
import { describe, expect, it } from 'vitest';
import { NIGHTLY } from './nightly';
import { compareEngines } from './oracle/compare-engines';
import { MIXES } from './programs/random/random-program';

/** Of one mix; enough for thousands of programs on a busy machine. */
const MOST_MS = 1_800_000;
const SEEDS = Number(process.env.IOMMU_LAB_SEEDS ?? (NIGHTLY ? 3000 : 150));

describe('against every interleaving', () => {
  it.for(MIXES)('random programs: $id', { timeout: MOST_MS }, async (mix, { annotate }) => {
    const wrong: string[] = [];
    const sums = { programs: 0, passedOver: 0, traces: 0, redundantOptimal: 0, redundantSource: 0 };
    for (let seed = 1; sums.programs < SEEDS; seed++) {
      const compared = compareEngines(mix, seed);
      if (compared === null) {
        sums.passedOver++;
        continue;
      }
      wrong.push(...compared.wrong);
      sums.programs++;
      sums.traces += compared.traces;
      sums.redundantOptimal += compared.redundant.optimal;
      sums.redundantSource += compared.redundant.source;
    }
    for (const seed of mix.hard ?? []) wrong.push(...(compareEngines(mix, seed)?.wrong ?? []));
    await annotate(JSON.stringify(sums));
    expect(wrong).toEqual([]);
    expect(sums.passedOver).toBeLessThan(2 * SEEDS);
  });
});
