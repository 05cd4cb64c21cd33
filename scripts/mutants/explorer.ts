/**
 * Holds the explorer's engines against every interleaving of random programs, as random-programs.test.ts does, and
 * prints what is red, as JSON. Ends with the first program that is. What only makes a search try too much is asked of a
 * program of its own. Bundled together with one patched source
 * file by run.mjs.
 */
import { Cell, explore, type Op, program, RwSemaphore } from '../../packages/explorer/src/index';
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

/**
 * Two readers and a writer under a semaphore. The writer comes before or after each reader: 4 traces. That a reader's
 * release comes before the writer's turn shows in that nothing else is tried.
 */
function triedUnderSemaphore(): string[] {
  const ordered = program('under a semaphore', (world) => {
    const semaphore = new RwSemaphore(world, 'semaphore');
    const cell = new Cell(world, 'cell', 0);
    function* reader(): Op<void> {
      yield* semaphore.downRead();
      yield* cell.load();
      yield* semaphore.upRead();
    }
    function* writer(): Op<void> {
      yield* semaphore.downWrite();
      yield* cell.store(1);
      yield* semaphore.upWrite();
    }
    const bodies = { one: reader, two: reader, writer };
    return { threads: Object.entries(bodies).map(([name, body]) => ({ name, body })) };
  });
  const { executions, redundant, fallbacks } = explore(ordered);
  if (executions === 4 && redundant === 0 && fallbacks === 0) return [];
  return [`under a semaphore: ${executions} executions, ${redundant} given up, ${fallbacks} fallbacks`];
}

function firstRed(): string[] {
  const tried = triedUnderSemaphore();
  if (tried.length > 0) return tried;
  for (const mix of MIXES) {
    for (const seed of mix.hard ?? []) {
      const red = redIn(mix, seed);
      if (red.length > 0) return red;
    }
  }
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (const mix of MIXES) {
      const red = redIn(mix, seed);
      if (red.length > 0) return red;
    }
  }
  return [];
}

process.stdout.write(JSON.stringify(firstRed()));
