/** The verbs on the real model: small selections, so that each runs in a moment. */
import { VARIANTS } from '@iommu-lab/comparison';
import { parseVerifyReport } from '@iommu-lab/conformance';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linesOf, longest, temporaryFolder } from './memory-io';
import { runLine } from './run-line';

// The model runs here, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe('compare', () => {
  it.each([80, 120])('holds, and fits a terminal of %i columns', async (columns) => {
    const options = { folder: folder.path, columns, progress: true };
    const { status, out, err } = await runLine('compare --workload topology*', options);
    expect(status).toBe(0);
    expect(longest(out)).toBeLessThanOrEqual(columns);
    for (const { id } of VARIANTS) expect(out).toContain(id);
    expect(out).toContain('holds: every step');
    expect(err.endsWith('\r\x1b[K')).toBe(true);
  });

  it('compares the workloads of one kernel', async () => {
    const line = 'compare --workload topology* --era 6.1 --variant device/raw --format json';
    const { out } = await runLine(line, { folder: folder.path });
    expect(JSON.parse(out).profiles).toEqual([
      { id: 'debian-6.1-intel', era: '6.1', evidence: 'recorded' },
      { id: 'debian-6.1-intel-pt', era: '6.1', evidence: 'recorded' },
    ]);
  });
});

describe('conform', () => {
  it('ends with one line', async () => {
    const { status, out, err } = await runLine('conform device/raw --case debian-6.12-intel/topology*');
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/^device\/raw conforms: (\d+) of \1 steps equal in \d+ cases?\n$/);
  });

  it('counts in JSON what it says in words', async () => {
    const { out } = await runLine('conform device/raw --case topology* --json');
    const report = parseVerifyReport(JSON.parse(out), 'standard output');
    expect(report).toMatchObject({ kind: 'traces', failed: 0, skipped: 0, failures: [] });
    expect(report.passed).toBe(report.total);
  });
});

describe('trace', () => {
  it('shows a workload of our own on two designs, each line within the width', async () => {
    const line = 'trace cost/join --variant device/pinned --against group-alloc/one-step';
    const { status, out } = await runLine(line, { environment: { COLUMNS: '120' } });
    expect(status).toBe(0);
    expect(longest(out)).toBeLessThanOrEqual(120);
    expect(out).toMatch(/^ *iommu_attach_device\(.*</m);
    expect(out).toMatch(/> +iommu_attach_group\(/);
  });

  it('takes a recorded case by its id alone or with its profile', async () => {
    const newest = await runLine('trace container/api --variant device/raw');
    expect(newest.out).toContain('debian-7.2-intel/container/api on device/raw (kernel 7.2');
    const older = await runLine('trace debian-6.1-intel/container/api --variant device/raw');
    expect(older.out).toContain('(kernel 6.1');
  });
});

describe('show', () => {
  it.each(['', 'variants', 'workloads', 'scenarios', 'hazards', 'eras', 'profiles', 'formats'])(
    '%s fits',
    async (what) => {
      const { status, out } = await runLine(`show ${what}`);
      expect(status).toBe(0);
      expect(longest(out)).toBeLessThanOrEqual(80);
      expect(linesOf(out).length).toBeGreaterThan(2);
    },
  );

  it('says what is known of one thing', async () => {
    const shown = async (id: string) => (await runLine(`show ${id}`)).out;
    for (const variant of VARIANTS) {
      const text = (await shown(variant.id)).replace(/\s+/g, ' ');
      for (const said of [variant.title, ...variant.preconditions, ...variant.sources]) {
        expect(text).toContain(said.replace(/\s+/g, ' '));
      }
    }
    expect(await shown('6.12')).toMatch(/^setDomainForAttach +setDomainRevertPrefix$/m);
    expect(await shown('debian-6.1-intel')).toMatch(/^kernel +6\.1\.0-56-amd64 \(era 6\.1\)$/m);
    expect(await shown('vtdss')).toMatch(/^4 levels +48-bit iova, 52-bit .* pages of 4 KiB, 2 MiB, 1 GiB$/m);
    const own = await shown('cost/join');
    expect(own).toMatch(/^clauses +S-5\.5$/m);
    expect(own).toContain('VFIO_SET_IOMMU fd=c1 type=3: 0');
    expect(await shown('debian-6.12-intel/container/api')).toContain('recorded: ');
  });
});
