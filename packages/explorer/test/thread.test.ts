/**
 * The thread's scenario in its nine forms: verdicts and counts. The counts were measured with an earlier explorer of
 * ours on a program written apart from this one, by both of its engines; the verdicts are also Spin's, see
 * promela.test.ts. "Redundant" is what the source engine gives up.
 */
import { describe, expect, it } from 'vitest';
import { countInterleavings, explore, type ViolationKind } from '../src/index';
import { ENGINES, expectTraces } from './oracle/expect-traces';
import { FORMS, thread } from './programs/thread';

interface Counts {
  readonly traces: number;
  /** Traces that show a violation of a kind. */
  readonly violations: Partial<Record<ViolationKind, number>>;
  readonly redundant: number;
  /** By counting paths; the traces stand for that many. */
  readonly interleavings: bigint;
}

const COUNTS: Readonly<Record<string, Counts>> = {
  bus: { traces: 56, violations: {}, redundant: 3, interleavings: 34_779_473_982_934n },
  'bus-unload': {
    traces: 78,
    violations: { 'use-after-free': 22 },
    redundant: 5,
    interleavings: 190_761_358_069_322n,
  },
  device: {
    traces: 71,
    violations: { 'use-after-free': 10 },
    redundant: 3,
    interleavings: 45_697_870_477_028n,
  },
  'device-mutex': {
    traces: 98,
    violations: { 'use-after-free': 34, deadlock: 3 },
    redundant: 2,
    interleavings: 22_075_604_503_339n,
  },
  'device-reference-mutex': {
    traces: 93,
    violations: { deadlock: 3 },
    redundant: 2,
    interleavings: 48_100_196_748_081n,
  },
  'device-reference-trylock': {
    traces: 123,
    violations: {},
    redundant: 23,
    interleavings: 49_525_145_418_730n,
  },
  'vfio-device-lock': { traces: 30, violations: {}, redundant: 4, interleavings: 5_847_923_804_312n },
  group: { traces: 56, violations: {}, redundant: 3, interleavings: 33_016_382_516_612n },
  'group-viability': {
    traces: 21,
    violations: { invariant: 5 },
    redundant: 0,
    interleavings: 19_653_436_758_048n,
  },
};

describe.each(ENGINES)('%s', (engine) => {
  it.each(FORMS)("the thread's scenario, domain from $id", (form) => {
    const { traces, violations, redundant } = COUNTS[form.id] as Counts;
    const result = expectTraces(() => thread(form), engine, traces);
    const found = result.findings.map(({ kind, executions }) => [kind, executions]);
    expect(Object.fromEntries(found)).toEqual(violations);
    expect(found).toHaveLength(Object.keys(violations).length);
    expect(result.deadlocks).toBe(violations.deadlock ?? 0);
    expect(result.redundant).toBe(engine === 'source' ? redundant : 0);
  });
});

describe('other ways to go about it', () => {
  it.each(FORMS)('count the interleavings: $id', (form) => {
    expect(countInterleavings(thread(form))?.interleavings).toBe(COUNTS[form.id]?.interleavings);
  });

  it.each(FORMS)('at random, find nothing else: $id', (form) => {
    const sampled = explore(thread(form), { engine: 'random', maxExecutions: 2000 });
    const searched = explore(thread(form)).findings.map(({ kind, object }) => `${kind} ${object}`);
    for (const { kind, object } of sampled.findings) expect(searched).toContain(`${kind} ${object}`);
    expect(sampled.verdict).toBe('SAMPLED');
  });
});
