/** Asserts how many traces an engine finds, and that it runs each once. */
import { expect } from 'vitest';
import type { Program } from '../../src/index';
import { runSchedules } from './brute-force';
import { type Searched, searched } from './searched';

/** Both partial-order engines. */
export const ENGINES = ['optimal', 'source'] as const;

/** Runs what the engine ran once more, in a world of its own, to see which traces they were. */
export function expectTraces(
  build: () => Program,
  engine: (typeof ENGINES)[number],
  traces: number,
): Searched['result'] {
  const { result, schedules } = searched(build(), engine);
  expect(result.verdict).toBe('COMPLETE');
  expect(result.executions).toBe(traces);
  const run = runSchedules({ program: build(), outcome: () => '' }, schedules);
  expect(run.traces.size).toBe(traces);
  if (engine === 'optimal') expect(result.redundant).toBe(0);
  return result;
}
