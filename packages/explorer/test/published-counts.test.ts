/**
 * The number of traces of programs that other checkers publish numbers for. An engine that runs more has a dependency
 * that is none, one that runs fewer misses some. Where each number was published stands in the program's file.
 */
import { describe, expect, it } from 'vitest';
import type { Program } from '../src/index';
import { NIGHTLY } from './nightly';
import { ENGINES, expectTraces } from './oracle/expect-traces';
import { fibBench } from './programs/fib-bench';
import { lastzero } from './programs/lastzero';
import { mutexOrder } from './programs/mutex-order';
import { readers } from './programs/readers';

interface Published {
  readonly build: () => Program;
  readonly traces: number;
  readonly by: string;
  /** Takes more than ten seconds. */
  readonly long?: boolean;
}

const PUBLISHED: readonly Published[] = [
  { build: () => readers(1), traces: 2, by: 'Nidhugg' },
  { build: () => readers(2), traces: 4, by: 'Nidhugg' },
  { build: () => readers(3), traces: 8, by: 'Nidhugg' },
  { build: () => readers(4), traces: 16, by: 'Nidhugg' },
  { build: () => readers(8), traces: 256, by: 'GenMC' },
  { build: () => readers(13), traces: 8192, by: 'GenMC' },
  { build: () => lastzero(1), traces: 2, by: 'Nidhugg' },
  { build: () => lastzero(2), traces: 5, by: 'Nidhugg' },
  { build: () => lastzero(3), traces: 12, by: 'Nidhugg' },
  { build: () => lastzero(4), traces: 28, by: 'Nidhugg' },
  { build: () => lastzero(5), traces: 64, by: 'GenMC, Concuerror' },
  { build: () => lastzero(10), traces: 3328, by: 'GenMC, Concuerror' },
  { build: () => lastzero(15), traces: 147_456, by: 'GenMC', long: true },
  { build: () => fibBench(1), traces: 11, by: 'Nidhugg' },
  { build: () => fibBench(2), traces: 140, by: 'Nidhugg' },
  { build: () => mutexOrder(2), traces: 2, by: 'Nidhugg' },
  { build: () => mutexOrder(3), traces: 6, by: 'Nidhugg' },
];

const cases = PUBLISHED.filter(({ long = false }) => NIGHTLY || !long).map((one) => {
  const name = `${one.build().id} has ${one.traces} traces, as published by ${one.by}`;
  return [name, one] as const;
});
const LONG_MS = 1_200_000;

describe.each(ENGINES)('%s', (engine) => {
  it.each(cases)(
    '%s',
    (_, { build, traces }) => {
      const result = expectTraces(build, engine, traces);
      expect(result.findings).toEqual([]);
    },
    LONG_MS,
  );
});
