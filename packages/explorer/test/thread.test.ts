/**
 * The thread's scenario in its nine forms: verdicts and counts. The counts were measured with an earlier explorer of
 * ours on a program written apart from this one, by both of its engines; the verdicts are also Spin's, see
 * promela.test.ts. "Redundant" is what the source engine gives up.
 */
import { describe, expect, it } from 'vitest';
import type { ViolationKind } from '../src/index';
import { ENGINES, expectTraces } from './oracle/expect-traces';
import { FORMS, thread } from './programs/thread';

interface Counts {
  readonly traces: number;
  /** Traces that show a violation of a kind. */
  readonly violations: Partial<Record<ViolationKind, number>>;
  readonly redundant: number;
}

const COUNTS: Readonly<Record<string, Counts>> = {
  bus: { traces: 56, violations: {}, redundant: 3 },
  'bus-unload': { traces: 78, violations: { 'use-after-free': 22 }, redundant: 5 },
  device: { traces: 71, violations: { 'use-after-free': 10 }, redundant: 3 },
  'device-mutex': { traces: 98, violations: { 'use-after-free': 34, deadlock: 3 }, redundant: 2 },
  'device-reference-mutex': { traces: 93, violations: { deadlock: 3 }, redundant: 2 },
  'device-reference-trylock': { traces: 123, violations: {}, redundant: 23 },
  'vfio-device-lock': { traces: 30, violations: {}, redundant: 4 },
  group: { traces: 56, violations: {}, redundant: 3 },
  'group-viability': { traces: 21, violations: { invariant: 5 }, redundant: 0 },
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
