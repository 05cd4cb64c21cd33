/** Runs a few threads of kernel code under one schedule, every operation a scheduling point. */
import type { Fiber } from './fiber';
import type { Op } from './operation';
import { SeededRandom } from './random';
import type { World } from './world';

/** One thread of a scenario. */
export interface Thread {
  readonly name: string;
  readonly body: () => Op<unknown>;
  readonly task?: unknown;
}

/** Picks the next of the enabled fibers. */
export type Scheduler = (enabled: readonly Fiber[]) => Fiber;

export interface ScheduleResult {
  readonly fibers: readonly Fiber[];
  /** Fibers that can never go on; not empty means deadlock, or a wait that only user space can end. */
  readonly stuck: readonly Fiber[];
  readonly steps: number;
}

/** Runs all threads to their ends, or until none can go on. */
export function runSchedule(world: World, threads: readonly Thread[], scheduler: Scheduler): ScheduleResult {
  const before = world.steps;
  world.mode = 'search';
  try {
    const fibers = threads.map((thread) => world.newThread(thread.name, thread.body, thread.task));
    for (const fiber of fibers) world.resume(fiber);
    let enabled = fibers.filter((fiber) => world.isEnabled(fiber));
    while (enabled.length > 0) {
      const next = scheduler(enabled);
      world.performPending(next);
      world.resume(next);
      enabled = fibers.filter((fiber) => world.isEnabled(fiber));
    }
    const stuck = fibers.filter((fiber) => !fiber.finished);
    return { fibers, stuck, steps: world.steps - before };
  } finally {
    world.mode = 'ordinary';
  }
}

/** A scheduler that picks uniformly among the enabled fibers. */
export function randomScheduler(seed: number): Scheduler {
  const random = new SeededRandom(seed);
  return (enabled) => enabled[random.below(enabled.length)] as Fiber;
}
