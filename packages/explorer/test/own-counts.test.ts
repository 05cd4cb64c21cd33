/**
 * Numbers of traces that nobody published for these very programs: measured with an earlier explorer of ours, by both
 * of its engines. They show a change, not a mistake by itself.
 */
import { describe, expect, it } from 'vitest';
import type { Program } from '../src/index';
import { NIGHTLY } from './nightly';
import { ENGINES, expectTraces } from './oracle/expect-traces';
import { fibBench } from './programs/fib-bench';
import { filesystem } from './programs/filesystem';
import { indexer } from './programs/indexer';
import { ninc } from './programs/ninc';
import { philosophers } from './programs/philosophers';

interface Own {
  readonly build: () => Program;
  readonly traces: number;
  readonly deadlocks?: number;
  /** Takes more than ten seconds. */
  readonly long?: boolean;
}

const OWN: readonly Own[] = [
  { build: () => indexer(12), traces: 8 },
  { build: () => indexer(13), traces: 64 },
  { build: () => indexer(15), traces: 4096 },
  { build: () => filesystem(14), traces: 2 },
  { build: () => filesystem(16), traces: 8 },
  { build: () => filesystem(18), traces: 32 },
  { build: () => filesystem(19), traces: 64 },
  { build: () => philosophers(3), traces: 7, deadlocks: 1 },
  { build: () => philosophers(4), traces: 15, deadlocks: 1 },
  { build: () => ninc(2, 2), traces: 34 },
  { build: () => fibBench(3), traces: 1698 },
  { build: () => fibBench(4), traces: 19_605 },
  { build: () => fibBench(5), traces: 218_243, long: true },
];

const cases = OWN.filter(({ long = false }) => NIGHTLY || !long).map((one) => {
  return [`${one.build().id} has ${one.traces} traces, by our own count`, one] as const;
});
const LONG_MS = 1_200_000;

describe.each(ENGINES)('%s', (engine) => {
  it.each(cases)(
    '%s',
    (_, { build, traces, deadlocks = 0 }) => {
      const result = expectTraces(build, engine, traces);
      expect(result.deadlocks).toBe(deadlocks);
      const kinds = result.findings.map(({ kind }) => kind).sort();
      expect(kinds).toEqual(deadlocks > 0 ? ['deadlock', 'lock-inversion'] : []);
    },
    LONG_MS,
  );
});
