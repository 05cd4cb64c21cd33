/** Every interleaving of a small program by brute force: no reduction, so that it can judge what reduces. */
import type { Fiber } from '../src/fiber';
import type { Program } from '../src/program';
import { Execution } from '../src/search/execution';

/** The end of one execution. */
export interface Ending {
  readonly fibers: readonly Fiber[];
  /** Names of the fibers that can never go on. */
  readonly stuck: readonly string[];
  /** The fiber of each step. */
  readonly schedule: readonly number[];
}

/** Runs every schedule to its end and calls `visit` there, in the state that it leaves. Returns how many there are. */
export function everyOrder(program: Program, visit: (ending: Ending) => void): number {
  const execution = new Execution(program);
  const schedule: number[] = [];
  const untried: number[] = [];
  let endings = 0;
  do {
    execution.start();
    for (const fiber of schedule) execution.step(fiber);
    for (let enabled = execution.enabled(); enabled !== 0; enabled = execution.enabled()) {
      const next = 31 - Math.clz32(enabled & -enabled);
      schedule.push(next);
      untried.push(enabled & ~(1 << next));
      execution.step(next);
    }
    endings++;
    const stuck = execution.fibers.filter((fiber) => !fiber.finished).map((fiber) => fiber.name);
    if (stuck.length === 0) program.atEnd?.();
    visit({ fibers: execution.fibers, stuck, schedule: [...schedule] });
  } while (toNext(schedule, untried));
  execution.finish();
  return endings;
}

/** Turns the schedule into the prefix of the next one; false when there is none left. */
function toNext(schedule: number[], untried: number[]): boolean {
  for (let last = untried.pop(); last !== undefined; last = untried.pop()) {
    schedule.pop();
    if (last === 0) continue;
    const next = 31 - Math.clz32(last & -last);
    schedule.push(next);
    untried.push(last & ~(1 << next));
    return true;
  }
  return false;
}

/** What `outcome` says at the ends of all executions, each once, sorted. */
export function outcomes(program: Program, outcome: (ending: Ending) => string): string[] {
  const found = new Set<string>();
  everyOrder(program, (ending) => found.add(outcome(ending)));
  return [...found].sort();
}

/** What the fibers returned, and who is stuck. */
export function results({ fibers, stuck }: Ending): string {
  const returned = fibers.map((fiber) => `${fiber.name}=${String(fiber.result)}`).join(' ');
  return stuck.length === 0 ? returned : `${returned} stuck:${stuck.join()}`;
}
