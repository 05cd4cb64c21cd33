/**
 * Holds the explorer's engines against every interleaving of random programs, as random-programs.test.ts does, and
 * prints what is red, as JSON. Ends with the first program that is. Bundled together with one patched source file by
 * run.mjs.
 */
import { compareEngines } from '../../packages/explorer/test/oracle/compare-engines';
import { MIXES, type Mix } from '../../packages/explorer/test/programs/random/random-program';

const SEEDS = 150;

function redIn(mix: Mix, seed: number): string[] {
  try {
    return (compareEngines(mix, seed)?.wrong ?? []).map((line) => `random programs: ${line}`);
  } catch (error) {
    return [`random programs: ${mix.id}, seed ${seed}: ${error instanceof Error ? error.message : error}`];
  }
}

function firstRed(): string[] {
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (const mix of MIXES) {
      const red = redIn(mix, seed);
      if (red.length > 0) return red;
    }
  }
  return [];
}

process.stdout.write(JSON.stringify(firstRed()));
