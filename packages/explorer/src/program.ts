/** What a search explores: a world in its initial state and the threads that run in it. */
import type { Op } from './operation';
import { World } from './world';

/** One thread of a program. */
export interface Thread {
  readonly name: string;
  /** The thread's code; called anew for every execution. */
  readonly body: () => Op<unknown>;
  /** The task on whose behalf the kernel runs, for code that asks. */
  readonly task?: unknown;
  /**
   * Whether it is user space that could end the waits which say that user space ends them: while it is stuck itself,
   * nobody does, and that is a deadlock. Default: it is not.
   */
  readonly isUser?: boolean;
}

/** The threads, and what must hold when all of them have ended. */
export interface ProgramParts {
  readonly threads: readonly Thread[];
  /** Called at the end of every execution in which all threads ended; reports through `world.report`. */
  readonly atEnd?: () => void;
}

/** A bounded concurrent program. At most 31 threads. */
export interface Program extends ProgramParts {
  readonly id: string;
  /** In its initial state. A search goes back to this state before every execution and after the last one. */
  readonly world: World;
}

/** A program in a world of its own. `build` makes the shared state and says what runs on it. */
export function program(id: string, build: (world: World) => ProgramParts): Program {
  const world = new World();
  return { id, world, ...build(world) };
}
