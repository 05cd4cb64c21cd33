/** Clauses of docs/semantics.md and cases, in both directions: none without the other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordings } from '../../src/recordings';
import { workloads } from '../../src/workloads/index';
import { RECORDED_CLAUSES } from '../../src/workloads/recorded-clauses';

const text = readFileSync(join(import.meta.dirname, '../../../../docs/semantics.md'), 'utf8');

interface Clause {
  readonly number: string;
  readonly tested: boolean;
}

/** Paragraphs that begin with a number. */
const clauses: readonly Clause[] = text.split(/\n{2,}/).flatMap((paragraph) => {
  const number = /^\*\*(S-[0-9]+\.[0-9]+)\*\* /.exec(paragraph)?.[1];
  return number === undefined ? [] : [{ number, tested: !paragraph.includes('*Not tested') }];
});
const numbers = clauses.map(({ number }) => number);

/** Every (case, clause) pair there is. */
const pairs = [
  ...workloads().map(({ id, clause }) => [id, clause ?? 'none'] as const),
  ...Object.entries(RECORDED_CLAUSES).flatMap(([id, all]) => all.map((clause) => [id, clause] as const)),
];

describe('clauses', () => {
  it('are numbered once and in order', () => {
    const keys = numbers.map((number) => number.slice(2).split('.').map(Number));
    const ascending = keys.every(([section = 0, clause = 0], k) => {
      const [lastSection = 0, lastClause = 0] = keys[k - 1] ?? [];
      return section > lastSection || (section === lastSection && clause > lastClause);
    });
    expect(ascending).toBe(true);
    expect(numbers.length).toBeGreaterThan(80);
  });

  it('have at least one case, unless they say why not', () => {
    const covered = new Set(pairs.map(([, clause]) => clause));
    expect(clauses.filter(({ number, tested }) => tested && !covered.has(number))).toEqual([]);
  });

  it('that say they are not tested have no case', () => {
    const untested = new Set(clauses.filter(({ tested }) => !tested).map(({ number }) => number));
    expect(pairs.filter(([, clause]) => untested.has(clause))).toEqual([]);
  });

  it('exist for every case', () => {
    expect(pairs.filter(([, clause]) => !numbers.includes(clause))).toEqual([]);
  });

  it('are assigned to every recorded case, and to no other', () => {
    const recorded = new Set(recordings().flatMap(({ cases }) => cases.map(({ id }) => id)));
    expect(Object.keys(RECORDED_CLAUSES).sort()).toEqual([...recorded].sort());
  });
});
