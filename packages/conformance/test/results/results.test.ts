/** results.json (ADR 20) and what `verify --json` prints. */
import { describe, expect, it } from 'vitest';
import schema from '../../schema/results.schema.json';
import { parseResults, RESULTS_VERSION } from '../../src/results/results';
import { parseVerifyReport } from '../../src/results/verify-report';
import { exampleResults } from './example-results';

describe('parseResults', () => {
  it('takes what was written as JSON', () => {
    expect(parseResults(JSON.parse(JSON.stringify(exampleResults)), 'results.json')).toEqual(exampleResults);
  });

  it('refuses another version', () => {
    expect(() => parseResults({ ...exampleResults, version: 2 }, 'results.json')).toThrow(
      'results.json: field version: expected 1, got 2',
    );
  });

  it('refuses counts that do not add up', () => {
    const [row] = exampleResults.rows;
    const rows = [{ ...row, conformance: { steps: 10, equal: 8, declared: 0, differing: 1, skipped: 0 } }];
    expect(() => parseResults({ ...exampleResults, rows }, 'results.json')).toThrow(
      'results.json: field rows[0].conformance.steps: expected equal + declared + differing + skipped = 9, got 10',
    );
    const workloads = [{ ...row, workloads: { steps: 4, equal: 3, declared: 0, differing: 0, skipped: 0 } }];
    expect(() => parseResults({ ...exampleResults, rows: workloads }, 'results.json')).toThrow(
      'results.json: field rows[0].workloads.steps: expected equal + declared + differing + skipped = 3, got 4',
    );
    const tally = { steps: 0, equal: 1, declared: 0, differing: 0, skipped: 0 };
    const cells = [{ variant: 'a', ...tally, counterfactual: false }];
    const byWorkload = [{ ...exampleResults.byWorkload[0], cells }];
    expect(() => parseResults({ ...exampleResults, byWorkload }, 'results.json')).toThrow(
      'results.json: field byWorkload[0].cells[0].steps: expected equal + declared + differing + skipped = 1, got 0',
    );
  });

  it('refuses a cost that is no count', () => {
    const [row] = exampleResults.rows;
    const cost = { ...row?.cost, move: { ...row?.cost.move, invalidations: -1 } };
    expect(() => parseResults({ ...exampleResults, rows: [{ ...row, cost }] }, 'results.json')).toThrow(
      'results.json: field rows[0].cost.move.invalidations: expected a number from 0, got -1',
    );
  });
});

/** What a reader of each version may count on, by hand. Another list is another version. */
const KEYS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  1: {
    results: 'byWorkload failures profiles reasons rows skips suite version',
    profile: 'era evidence id',
    row: 'conformance cost entryPoints safety title traffic variant workloads',
    tally: 'declared differing equal skipped steps',
    costs: 'join leave move set-iommu',
    cost: 'contextWrites invalidations lockAcquisitions stepsHeld',
    workload: 'case cells era frontend id machine recorded title',
    cell: 'counterfactual declared differing equal skipped steps variant',
    failure: 'actual expected id',
    'failure, optional': 'step variant',
    skip: 'id reason',
    'skip, optional': 'variant',
  },
};

interface ObjectSchema {
  readonly properties: object;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

describe('the published schema of results.json', () => {
  const required = (one: ObjectSchema) => [...one.required].sort().join(' ');
  const optional = (one: ObjectSchema) =>
    Object.keys(one.properties)
      .filter((key) => !one.required.includes(key))
      .sort()
      .join(' ');
  const { rows, byWorkload, failures, skips, profiles } = schema.properties;
  const row = rows.items.properties;
  const { cells } = byWorkload.items.properties;

  it('demands the keys of its version and names no others', () => {
    expect({
      results: required(schema),
      profile: required(profiles.items),
      row: required(rows.items),
      tally: required(row.conformance),
      costs: required(row.cost),
      cost: required(row.cost.properties.move),
      workload: required(byWorkload.items),
      cell: required(cells.items),
      failure: required(failures.items),
      'failure, optional': optional(failures.items),
      skip: required(skips.items),
      'skip, optional': optional(skips.items),
    }).toEqual(KEYS[RESULTS_VERSION]);
    const closed = [schema, profiles.items, rows.items, row.conformance, row.workloads, row.cost];
    for (const one of [...closed, row.cost.properties.move, byWorkload.items, cells.items]) {
      expect([optional(one), one.additionalProperties]).toEqual(['', false]);
    }
    expect(schema.properties.version).toEqual({ const: RESULTS_VERSION });
  });

  it('is what the reader demands: no key can be left out', () => {
    const json = JSON.parse(JSON.stringify(exampleResults));
    for (const key of schema.required) {
      const { [key]: _, ...rest } = json;
      expect(() => parseResults(rest, 'r.json')).toThrow(`r.json: field ${key}: missing`);
    }
  });
});

describe('parseVerifyReport', () => {
  const report = {
    kind: 'traces',
    total: 3,
    passed: 1,
    failed: 1,
    skipped: 1,
    failures: [{ id: 'p/map/basic', variant: 'group/attach', step: 4, expected: { ret: 0 }, actual: null }],
    skips: [{ id: 'p/map/limit', reason: 'needs nesting' }],
  };

  it('takes a report of which the counts add up, and no other', () => {
    expect(parseVerifyReport(report, 'r.json')).toEqual(report);
    expect(() => parseVerifyReport({ ...report, total: 4 }, 'r.json')).toThrow(
      'r.json: field total: expected passed + failed + skipped = 3, got 4',
    );
  });

  it('refuses a kind that there is not, and a failure without its answer', () => {
    expect(() => parseVerifyReport({ ...report, kind: 'cases' }, 'r.json')).toThrow(
      'r.json: field kind: expected ("vectors" | "traces" | "groups"), got "cases"',
    );
    expect(() => parseVerifyReport({ ...report, failures: [{ id: 'x', expected: 1 }] }, 'r.json')).toThrow(
      'r.json: field failures[0].actual: missing',
    );
  });
});
