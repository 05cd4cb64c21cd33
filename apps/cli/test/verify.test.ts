/** `verify` on files: good ones, bad ones, and both together. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseVerifyReport } from '@iommu-lab/conformance';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linesOf, temporaryFolder } from './memory-io';
import { type Ran, runLine } from './run-line';

const RECORDINGS = join(import.meta.dirname, '../../../packages/conformance/data/recordings');
const PROFILE = 'debian-6.12-intel';
/** Fifteen steps, gzip. */
const TOPOLOGY = join(RECORDINGS, PROFILE, 'topology.jsonl.gz');
const lines = gunzipSync(readFileSync(TOPOLOGY)).toString().trimEnd().split('\n');
const STEPS = lines.length;

// The model runs here, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder.path, PROFILE));
});
afterEach(() => folder.remove());

const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder.path, name), content);
const verify = (rest: string): Promise<Ran> =>
  runLine(`verify ${rest} --variant device/raw`, { folder: folder.path });
const report = (ran: Ran) => parseVerifyReport(JSON.parse(ran.out), 'standard output');

describe('verify traces', () => {
  it('takes a file or a folder, plain or gzip, and each file once', async () => {
    copyFileSync(TOPOLOGY, join(folder.path, PROFILE, 'a.jsonl.gz'));
    write(`${PROFILE}/b.jsonl`, `${lines.join('\n')}\n`);
    write(`${PROFILE}/notes.txt`, 'no trace');
    const one = report(await verify(`traces ${PROFILE}/b.jsonl --json`));
    expect([one.kind, one.total, one.passed, one.failed, one.skipped]).toEqual([
      'traces',
      STEPS,
      STEPS,
      0,
      0,
    ]);
    const both = await verify(`traces . ${PROFILE}/b.jsonl ${folder.path} --json`);
    expect([both.status, both.err, report(both).total]).toEqual([0, '', 2 * STEPS]);
  });

  it('counts each step once a variant, and says it in a table', async () => {
    copyFileSync(TOPOLOGY, join(folder.path, PROFILE, 'a.jsonl.gz'));
    const ran = await runLine(`verify traces ${PROFILE} --variant device/raw,group/replace`, {
      folder: folder.path,
    });
    expect(ran.status).toBe(0);
    const shown = linesOf(ran.out);
    expect(shown.map((line) => line.split(/\s+/))).toContainEqual([
      'device/raw',
      `${STEPS}`,
      `${STEPS}`,
      '0',
      '0',
    ]);
    expect(shown.at(-1)).toBe(`holds: 1 file, ${2 * STEPS} steps: ${2 * STEPS} equal, 0 differ`);
  });

  it("takes the profile from the folder's name, or from --profile", async () => {
    write('elsewhere.jsonl', lines.join('\n'));
    const unknown = await verify('traces elsewhere.jsonl');
    expect([unknown.status, unknown.out]).toEqual([3, '']);
    expect(linesOf(unknown.err)).toHaveLength(1);
    expect(unknown.err).toContain('elsewhere.jsonl: unknown profile "iommu-lab-test-');
    expect((await verify(`traces elsewhere.jsonl --profile ${PROFILE}`)).status).toBe(0);
  });

  it('finds an answer that is not as recorded, and how to see it again', async () => {
    const index = lines.findIndex((line) => line.includes('"ret":0,'));
    const step = JSON.parse(lines[index] as string) as { case: string; step: number; op: string };
    const changed = lines.with(index, (lines[index] as string).replace('"ret":0,', '"ret":7,'));
    write(`${PROFILE}/changed.jsonl`, changed.join('\n'));
    const ran = await verify('traces .');
    expect(ran.status).toBe(1);
    expect(ran.out).toContain(`${PROFILE}/${step.case}, step ${step.step} ${step.op} on device/raw`);
    expect(ran.out).toContain('ret: expected 7, seen 0');
    const joined = ran.out.replaceAll(/ \\\n +/g, ' ');
    expect(joined).toContain(`iommu-lab verify traces ${PROFILE}/changed.jsonl --variant device/raw\n`);
    expect(linesOf(ran.out).at(-1)).toBe(
      `does not hold: 1 file, ${STEPS} steps: ${STEPS - 1} equal, 1 differs`,
    );
    const [failure] = report(await verify('traces . --json')).failures;
    expect(failure).toEqual({
      id: `${PROFILE}/${step.case}`,
      variant: 'device/raw',
      step: step.step,
      expected: { ret: 7 },
      actual: { ret: 0 },
    });
  });

  const bad: [string, string, string | Uint8Array, string][] = [
    ['is not JSON', 'x.jsonl', 'moon', 'x.jsonl:1: not JSON'],
    [
      'is cut off',
      'x.jsonl.gz',
      readFileSync(TOPOLOGY).subarray(0, 200),
      'x.jsonl.gz: gzip data is cut off or damaged',
    ],
    ['is not gzip inside', 'x.jsonl.gz', gzipSync('moon'), 'x.jsonl.gz:1: not JSON'],
    ['is empty', 'x.jsonl', '', 'x.jsonl: no steps: the trace is empty'],
    ['is no text', 'x.jsonl', Uint8Array.of(0xff, 0xfe, 0x80), 'x.jsonl: neither gzip nor UTF-8 text'],
    [
      'has a wrong type in the middle',
      'x.jsonl',
      lines.with(2, (lines[2] as string).replace(/"step":\d+/, '"step":"two"')).join('\n'),
      'x.jsonl:3: field step: expected a whole number, got "two"',
    ],
    [
      'has an operation that does not exist',
      'x.jsonl',
      lines.with(1, (lines[1] as string).replace(/"op":"[^"]+"/, '"op":"VFIO_FLY"')).join('\n'),
      'x.jsonl:2: field op: ',
    ],
  ];

  it.each(bad)(
    'refuses a trace that %s with one line, the place in it, and status 3',
    async (_, name, content, message) => {
      write(`${PROFILE}/${name}`, content);
      const { status, out, err } = await verify(`traces ${PROFILE}/${name}`);
      expect([status, out]).toEqual([3, '']);
      expect(linesOf(err)).toHaveLength(1);
      expect(err.startsWith(`iommu-lab: ${PROFILE}/${message}`)).toBe(true);
    },
  );

  it('compares the good files all the same', async () => {
    copyFileSync(TOPOLOGY, join(folder.path, PROFILE, 'good.jsonl.gz'));
    write(`${PROFILE}/bad.jsonl`, 'moon');
    const ran = await verify(`traces ${PROFILE} nonesuch.jsonl`);
    expect(ran.status).toBe(3);
    expect(linesOf(ran.out).at(-1)).toBe(`holds: 1 file, ${STEPS} steps: ${STEPS} equal, 0 differ`);
    expect(linesOf(ran.err)).toHaveLength(2);
    expect(ran.err).toContain('iommu-lab: nonesuch.jsonl: no such file or folder\n');
    const json = report(await verify(`traces ${PROFILE} nonesuch.jsonl --json`));
    expect([json.total, json.passed]).toEqual([STEPS, STEPS]);
    expect(json.skips.map(({ id }) => id)).toEqual([`${PROFILE}/bad.jsonl`, 'nonesuch.jsonl']);
  });

  it('compares the other cases of a file in which one cannot be run', async () => {
    const args = { dev: 'mf0', iova: 'phys(0x5000)', len: 64 };
    const wrong = { case: 'wrong', step: 0, op: 'edu.dma_read', args, ret: 0, errno: null };
    write(`${PROFILE}/both.jsonl`, [...lines, JSON.stringify(wrong)].join('\n'));
    const ran = await verify('traces . --json');
    const json = report(ran);
    expect([ran.status, json.total, json.passed, json.skipped]).toEqual([3, STEPS + 1, STEPS, 1]);
    const reason = 'step 0 edu.dma_read: phys(0x5000): no memory is mapped there';
    expect(json.skips).toEqual([{ id: `${PROFILE}/wrong`, variant: 'device/raw', reason }]);
    expect(ran.err).toBe(`iommu-lab: ${PROFILE}/both.jsonl: case "wrong", ${reason}\n`);
  });

  it('does not take an empty folder for a success', async () => {
    const { status, out, err } = await verify(`traces ${PROFILE}`);
    expect([status, out]).toEqual([3, '']);
    expect(err).toBe(
      `iommu-lab: ${PROFILE}: nothing to compare: no .jsonl or .jsonl.gz file in this folder\n`,
    );
  });
});
