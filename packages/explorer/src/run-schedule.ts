/** Runs a few threads of kernel code under one schedule, every operation a scheduling point. */
import type { Fiber } from './fiber';
import type { Thread } from './program';
import { SeededRandom } from './random';
import { Execution } from './search/execution';
import type { World } from './world';

/** Picks the next of the enabled fibers. */
export type Scheduler = (enabled: readonly Fiber[]) => Fiber;

export interface ScheduleResult {
  readonly fibers: readonly Fiber[];
  /** Fibers that can never go on; not empty means deadlock, or a wait that only user space can end. */
  readonly stuck: readonly Fiber[];
  readonly steps: number;
}

/** Runs all threads to their ends, or until none can go on. The state stays as they leave it. */
export function runSchedule(world: World, threads: readonly Thread[], scheduler: Scheduler): ScheduleResult {
  const before = world.steps;
  const execution = new Execution({ id: 'schedule', world, threads });
  const { fibers } = execution;
  try {
    execution.start();
    for (let enabled = execution.enabled(); enabled !== 0; enabled = execution.enabled()) {
      const next = scheduler(fibers.filter((fiber) => (enabled >> fiber.id) & 1));
      execution.step(next.id);
    }
    const stuck = fibers.filter((fiber) => !fiber.finished);
    return { fibers, stuck, steps: world.steps - before };
  } finally {
    world.mode = 'ordinary';
    world.searching = false;
  }
}

/** A scheduler that picks uniformly among the enabled fibers. */
export function randomScheduler(seed: number): Scheduler {
  const random = new SeededRandom(seed);
  return (enabled) => enabled[random.below(enabled.length)] as Fiber;
}
