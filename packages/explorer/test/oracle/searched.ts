/** What an engine ran: its schedules, and nothing else of what it says about them. */
import { type Engine, type Exploration, explore, type Program } from '../../src/index';

export interface Searched {
  readonly result: Exploration;
  /** The schedules that came to an end of their own. */
  readonly schedules: readonly (readonly number[])[];
}

/** @param maxPreemptions for the engine `bounded` */
export function searched(program: Program, engine: Engine, maxPreemptions = 0): Searched {
  const seen: { readonly redundant: boolean; readonly schedule: readonly number[] }[] = [];
  const result = explore(program, {
    engine,
    maxPreemptions,
    observe: ({ ending, schedule }) => {
      seen.push({ redundant: ending === 'redundant', schedule: [...schedule()] });
    },
  });
  // A search that began anew counts only what it ran after that.
  const counted = seen.slice(seen.length - result.executions - result.redundant);
  const schedules = counted.filter(({ redundant }) => !redundant).map(({ schedule }) => schedule);
  return { result, schedules };
}
