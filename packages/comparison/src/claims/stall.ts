/** How long the second thread of a scenario has to wait for the first, at worst. */
import { Execution, type Program } from '@iommu-lab/explorer';
import type { StallFact } from './claim';

const FIRST = 0;
const SECOND = 1;
/** No thread of a scenario makes more steps, unless something never ends. */
const MOST_STEPS = 5000;

/**
 * Begins the second thread after each number of steps of the first in turn, lets it run whenever it can, and counts the
 * steps that the first makes meanwhile. The result is the largest count; the world is as before afterwards.
 */
export function stallFact(program: Program): StallFact {
  const execution = new Execution(program);
  let longest = 0;
  try {
    for (let place = 0; place < MOST_STEPS; place++) {
      execution.start();
      if (!goAlone(execution, place)) break;
      longest = Math.max(longest, waitOfSecond(execution));
    }
  } finally {
    execution.finish();
  }
  return { steps: longest };
}

/** The first thread makes so many steps; false where it ends before. */
function goAlone(execution: Execution, steps: number): boolean {
  for (let step = 0; step < steps; step++) {
    if (!canGoOn(execution, FIRST)) return false;
    execution.step(FIRST);
  }
  return true;
}

function waitOfSecond(execution: Execution): number {
  let waited = 0;
  for (let step = 0; step < MOST_STEPS && canGoOn(execution, FIRST, SECOND); step++) {
    if (canGoOn(execution, SECOND)) execution.step(SECOND);
    else {
      execution.step(FIRST);
      if ((execution.unfinished() & (1 << SECOND)) !== 0) waited++;
    }
  }
  return waited;
}

/** Whether any of the threads can make a step. */
function canGoOn(execution: Execution, ...threads: readonly number[]): boolean {
  const enabled = execution.enabled();
  return threads.some((thread) => (enabled & (1 << thread)) !== 0);
}
