/** What a million executions of one search leave behind. */
import { explore } from '../src/index';
import { fibBench } from '../test/programs/fib-bench';

/** More than two million traces. */
const PROGRAM = () => fibBench(6);
/** Executions before the first look at memory. */
export const WARM_UP = 20_000;

export interface Kept {
  readonly engine: 'optimal' | 'source';
  /** How many were run. */
  readonly executions: number;
  /** Of the heap after garbage collection, in the course of the search. */
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/**
 * Memory that a search holds after `executions` executions, beyond what it held after the first 20,000.
 * @param executions a multiple of 20,000
 * @param collect runs the garbage collector
 */
export function kept(engine: Kept['engine'], executions: number, collect: () => void): Kept {
  let run = 0;
  let heap = 0;
  let resident = 0;
  let heapBytes = 0;
  let residentBytes = 0;
  explore(PROGRAM(), {
    engine,
    maxExecutions: executions,
    progressEvery: WARM_UP,
    onProgress: () => {
      run += WARM_UP;
      const first = run === WARM_UP;
      if (!first && run < executions) return true;
      collect();
      const { heapUsed, rss } = process.memoryUsage();
      if (first) {
        heap = heapUsed;
        resident = rss;
      }
      heapBytes = heapUsed - heap;
      residentBytes = rss - resident;
      return true;
    },
  });
  return { engine, executions: run, heapBytes, residentBytes };
}
