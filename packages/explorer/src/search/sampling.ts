/**
 * Sampled schedules. `random` picks uniformly among the fibers that can go on. `pct` (Burckhardt et al. 2010) runs by
 * random priorities that change at d - 1 random steps: a violation that needs d ordering constraints is hit by one
 * run with a chance of at least 1 / (n k^(d-1)), for n fibers and k steps.
 */
import { SeededRandom } from '../random';
import { type Ending, endOf, endOfCut } from './ending';
import type { Execution } from './execution';
import type { Trail } from './trail';

/** Decides who makes each step of one run after another. */
export interface Sampler {
  /** Before a run; `steps` is the length of the longest run so far. */
  begin(steps: number): void;
  /** One of the fibers in the mask. */
  pick(enabled: number, step: number): number;
}

export function randomSampler(seed: number): Sampler {
  const random = new SeededRandom(seed);
  return {
    begin() {},
    pick(enabled) {
      let which = random.below(bitCount(enabled));
      for (let rest = enabled; ; rest &= rest - 1) {
        if (which-- === 0) return 31 - Math.clz32(rest & -rest);
      }
    },
  };
}

export function pctSampler(seed: number, fibers: number, depth: number): Sampler {
  const random = new SeededRandom(seed);
  const priority = new Int32Array(fibers);
  let changes: number[] = [];
  return {
    begin(steps) {
      // Priorities from `depth` up, shuffled; the change points lower one each to below all of them.
      for (let fiber = 0; fiber < fibers; fiber++) {
        const other = random.below(fiber + 1);
        priority[fiber] = priority[other] as number;
        priority[other] = depth + fiber;
      }
      changes = Array.from({ length: depth - 1 }, () => random.below(Math.max(1, steps)));
    },
    pick(enabled, step) {
      let fiber = highest(enabled, priority);
      for (const [index, change] of changes.entries()) {
        if (change !== step) continue;
        priority[fiber] = index;
        fiber = highest(enabled, priority);
      }
      return fiber;
    },
  };
}

/** Runs one schedule to its end and leaves the world there; `trail` is filled anew. */
export function sample(
  execution: Execution,
  sampler: Sampler,
  trail: Trail,
  longest: number,
  maxSteps: number,
): Ending {
  while (trail.depth > 0) trail.pop();
  sampler.begin(longest);
  execution.start();
  for (;;) {
    const enabled = execution.enabled();
    if (enabled === 0) return endOf(execution);
    if (trail.depth >= maxSteps) return endOfCut(execution, maxSteps);
    const fiber = sampler.pick(enabled, trail.depth);
    execution.step(fiber);
    trail.push(fiber, (execution.fibers[fiber] as Execution['fibers'][number]).performed);
  }
}

function highest(mask: number, priority: Int32Array): number {
  let best = -1;
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    const fiber = 31 - Math.clz32(rest & -rest);
    if (best < 0 || (priority[fiber] as number) > (priority[best] as number)) best = fiber;
  }
  return best;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
