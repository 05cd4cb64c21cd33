/** Outcomes that the built-in designs do not have: a comparison that does not hold, and a fault of our own. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as ComparisonPackage from '@iommu-lab/comparison';
import { parseResults } from '@iommu-lab/conformance';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fixtureResults } from './fixtures/results';
import { fixtureCase, fixtureDevice } from './fixtures/traced';
import { linesOf, longest, temporaryFolder } from './memory-io';
import { runLine } from './run-line';

const outcome = vi.hoisted(() => ({ compare: (): unknown => undefined, conform: (): unknown => undefined }));

vi.mock('@iommu-lab/comparison', async (original) => ({
  ...(await original<typeof ComparisonPackage>()),
  compare: () => outcome.compare(),
  conform: () => outcome.conform(),
}));

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const { reasons } = fixtureResults;
const failing = () => ({ results: fixtureResults, holds: false, reasons });

describe('a comparison that does not hold', () => {
  it.each([80, 120])('says so in %i columns, with status 1', async (columns) => {
    outcome.compare = failing;
    const environment = { COLUMNS: String(columns) };
    const { status, out, err } = await runLine('compare', { folder: folder.path, environment });
    expect([status, err]).toEqual([1, '']);
    expect(longest(out)).toBeLessThanOrEqual(columns);
    expect(out).toContain('does not hold: 3 answers differ\n');
    expect(out).toContain('skipped: debian-6.12-intel/move/warm-iotlb');
    expect(linesOf(out).at(-1)).toBe('report: iommu-lab-run/report.html');
  });

  it('prints results.json or JUnit and nothing else when asked to, and writes the same into the folder', async () => {
    outcome.compare = failing;
    const json = await runLine('compare --format json --out run', { folder: folder.path });
    expect([json.status, json.err]).toEqual([1, '']);
    expect(parseResults(JSON.parse(json.out), 'standard output')).toEqual(fixtureResults);
    const written = (name: string) => readFileSync(join(folder.path, 'run', name), 'utf8');
    expect(written('results.json')).toBe(json.out);
    const xml = await runLine('compare --format junit --out run', { folder: folder.path });
    expect(xml.out.startsWith('<?xml')).toBe(true);
    expect(written('junit.xml')).toBe(xml.out);
    expect(existsSync(join(folder.path, 'run/.gitignore'))).toBe(false);
  });

  it('is shown by workload', async () => {
    outcome.compare = failing;
    const { out } = await runLine('compare --by workload', { folder: folder.path });
    expect(linesOf(out).some((line) => /^map\/basic +ok +ok +ok +ok +ok$/.test(line))).toBe(true);
  });
});

describe('a design that does not conform', () => {
  const report = {
    kind: 'traces' as const,
    total: 3,
    passed: 1,
    failed: 2,
    skipped: 0,
    failures: [{ id: 'x', expected: 1, actual: 2 }],
    skips: [],
  };
  const result = { ...fixtureDevice.result, violations: [violation()] };
  const conformance = {
    report,
    cases: [{ case: fixtureCase, result }],
    holds: false,
    reasons: ['2 of 3 steps differ'],
  };

  it('gets its failing cases told with clause, expected and seen, and how to repeat them', async () => {
    outcome.conform = () => conformance;
    const { status, out } = await runLine('conform device/pinned');
    expect(status).toBe(1);
    expect(linesOf(out)).toEqual([
      'debian-6.12-intel/fixture/join (clause S-5.5): A group joins',
      '  step 1 VFIO_SET_IOMMU',
      '    errno: expected none, seen EBUSY',
      '  left over at the end: 1 reference on device:0000:00:05.0',
      '  use-after-free in iommu_attach_device: device:0000:00:05.0 was freed',
      '  iommu-lab conform device/pinned --case debian-6.12-intel/fixture/join',
      '',
      'device/pinned does not conform: 2 of 3 steps differ',
    ]);
  });

  it('is a report of kind traces as JSON', async () => {
    outcome.conform = () => conformance;
    const { status, out } = await runLine('conform device/pinned --json');
    expect([status, JSON.parse(out)]).toEqual([1, report]);
  });
});

function violation() {
  return {
    kind: 'use-after-free' as const,
    message: 'device:0000:00:05.0 was freed',
    object: null,
    at: 'iommu_attach_device',
    fiber: 'main',
    step: 7,
  };
}

describe('a fault of our own', () => {
  const fault = () => {
    throw new TypeError('no such thing\nat all');
  };

  it('is one line and status 3, without a stack trace', async () => {
    outcome.compare = fault;
    const { status, out, err } = await runLine('compare', { folder: folder.path, progress: true });
    expect([status, out]).toEqual([3, '']);
    expect(linesOf(err)).toHaveLength(1);
    expect(err).toMatch(/^iommu-lab: internal error: no such thing at all \(.*IOMMU_LAB_DEBUG=1.*\)\n$/);
  });

  it('has its stack trace where it was asked for', async () => {
    outcome.compare = fault;
    const environment = { IOMMU_LAB_DEBUG: '1' };
    const { err } = await runLine('compare', { folder: folder.path, environment });
    expect(err).toContain('outcome.test.ts');
  });
});
