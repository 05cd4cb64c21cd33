/** How an execution ended, and what can be said of one in which no fiber can go on. */
import type { Fiber, Lockable } from '../fiber';
import type { Program } from '../program';
import type { World } from '../world';
import type { Execution } from './execution';

/**
 * `finished`: every fiber ended. `deadlock`: no fiber can go on. `waits`: the same, but only user space could end the
 * wait, and no thread of it is stuck (`Thread.isUser`). `redundant`: every step that was left had been seen elsewhere, in an equivalent
 * execution. `cut`: the step bound was hit.
 */
export type Ending = 'finished' | 'deadlock' | 'waits' | 'redundant' | 'cut';

/** The ending of an execution in which none of `stuck` can go on. */
function endingOfStuck(stuck: readonly Fiber[], { threads }: Program): 'deadlock' | 'waits' {
  // A thread of user space that is stuck in the kernel itself ends nobody's wait.
  if (stuck.some(({ id, pending }) => threads[id]?.isUser === true && !pending.endedByUser))
    return 'deadlock';
  return stuck.every((fiber) => waitsForUser(fiber, stuck, 0)) ? 'waits' : 'deadlock';
}

/** The ending of an execution in which no fiber can make a step; a deadlock is reported. */
export function endOf(execution: Execution): Ending {
  const stuck = execution.fibers.filter((fiber) => !fiber.finished);
  if (stuck.length === 0) return 'finished';
  const ending = endingOfStuck(stuck, execution.program);
  if (ending === 'deadlock') reportDeadlock(execution.program.world, stuck);
  return ending;
}

/**
 * The ending of an execution that was cut after `maxSteps` steps. Fibers that do not end under a fair schedule either,
 * each making a step in turn for as many steps again, are reported: they starve.
 */
export function endOfCut(execution: Execution, maxSteps: number): 'cut' {
  const { fibers, program } = execution;
  let left = maxSteps;
  for (let ran = true; ran && left > 0; ) {
    ran = false;
    for (const { id } of fibers) {
      if (((execution.enabled() >> id) & 1) === 0) continue;
      execution.step(id);
      ran = true;
      left--;
    }
  }
  if (left > 0) return 'cut';
  const running = fibers.filter((fiber) => !fiber.finished);
  const places = running.map((fiber) => `${fiber.name} in ${fiber.currentFunction}`).join(', ');
  const message = `no end after ${maxSteps} steps and as many under a fair schedule: ${places}`;
  program.world.report('starvation', message, running[0]?.pending.target?.label ?? null);
  return 'cut';
}

/** Whether what `fiber` waits for is user space, or a lock of somebody who waits for user space. */
function waitsForUser(fiber: Fiber, stuck: readonly Fiber[], depth: number): boolean {
  const target = fiber.pending.target;
  if (fiber.pending.endedByUser) return true;
  if (depth > stuck.length) return false;
  const holders = stuck.filter(
    (other) => other !== fiber && other.held.includes(target as unknown as Lockable),
  );
  return holders.length > 0 && holders.every((holder) => waitsForUser(holder, stuck, depth + 1));
}

/** Records a deadlock: what each fiber waits for, and what it holds. */
function reportDeadlock(world: World, stuck: readonly Fiber[]): void {
  const waits = stuck.map((fiber) => {
    const held = fiber.held.map((lock) => lock.label).join(', ');
    const operation = `${fiber.pending.kind?.name} ${fiber.pending.target?.label}`;
    const where = fiber.currentFunction === fiber.name ? '' : ` in ${fiber.currentFunction}`;
    return `${fiber.name} waits in ${operation}${where}${held === '' ? '' : `, holding ${held}`}`;
  });
  const cycle = stuck
    .map((fiber) => fiber.pending.target as unknown as Lockable)
    .filter((lock) => stuck.some((other) => other.held.includes(lock)));
  const note = cycle.every((lock) => lock.validated) ? {} : { kernelSilent: true as const };
  world.report('deadlock', waits.join('; '), stuck[0]?.pending.target?.label ?? null, note);
}
