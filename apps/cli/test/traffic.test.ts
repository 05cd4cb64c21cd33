/** `show traffic`: tables that fit, and one JSON document as the published schema says. */
import { traffic, VARIANTS } from '@iommu-lab/comparison';
import { parseTrafficReport, profile, trafficWorkloads } from '@iommu-lab/conformance';
import { describe, expect, it } from 'vitest';
import { trafficLines } from '../src/render/show/traffic';
import { runLine } from './run-line';

const machines = [profile('debian-6.12-intel')];

describe('show traffic', () => {
  it('fits 80 columns and has a row for each device of each design', () => {
    const lines = trafficLines(traffic({ machines }), 80);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const rows = lines.filter((line) => / mf[01] /.test(line));
    expect(rows).toHaveLength(2 * VARIANTS.length * trafficWorkloads().length);
  });

  it('says what a failed move said and what it broke, and where hardware and group differ', () => {
    const workloads = trafficWorkloads().filter(({ id }) => id === 'move-and-way-back-fail-at-second-member');
    const variants = VARIANTS.filter(({ id }) => id === 'group/replace');
    const text = trafficLines(traffic({ machines, workloads, variants }), 200).join('\n');
    expect(text).toContain('group/replace: port.move EINVAL, now on from');
    expect(text).toMatch(/mf1 .* - blocking \(from\)/);
    expect(text).toContain('I1: ');
  });

  it('--json prints the report and nothing else', async () => {
    const { status, out, err } = await runLine('show traffic --json');
    expect([status, err]).toEqual([0, '']);
    expect(parseTrafficReport(JSON.parse(out), 'out').results).toEqual(
      JSON.parse(JSON.stringify(traffic())).results,
    );
  });

  it('--json goes with nothing else', async () => {
    expect((await runLine('show eras --json')).status).toBe(2);
  });
});
