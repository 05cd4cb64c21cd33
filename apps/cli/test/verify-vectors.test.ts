/** `verify vectors` on files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseVerifyReport } from '@iommu-lab/conformance';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linesOf, temporaryFolder } from './memory-io';
import { runLine } from './run-line';

const VECTORS = join(import.meta.dirname, '../../../packages/core/test/vectors/vtdss.jsonl.gz');
const three = gunzipSync(readFileSync(VECTORS)).toString().split('\n').slice(0, 3);
const [first = ''] = three;

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder.path, name), content);
const verify = (rest: string) => runLine(`verify vectors ${rest}`, { folder: folder.path });

describe('verify vectors', () => {
  it('takes plain and gzip files, and counts vectors', async () => {
    write('a.jsonl', three.join('\n'));
    write('b.jsonl.gz', gzipSync(first));
    const { status, out, err } = await verify('.');
    expect({ status, out, err }).toEqual({
      status: 0,
      out: 'holds: 2 files, 4 vectors: 4 equal, 0 differ\n',
      err: '',
    });
    const report = parseVerifyReport(JSON.parse((await verify('. --json')).out), 'standard output');
    expect(report).toEqual({
      kind: 'vectors',
      total: 4,
      passed: 4,
      failed: 0,
      skipped: 0,
      failures: [],
      skips: [],
    });
  });

  it('tells what is not as the vector demands', async () => {
    const vector = JSON.parse(first);
    const [entry] = vector.expect.tables;
    entry[2] = 'T:0x7';
    write('wrong.jsonl', JSON.stringify(vector));
    const { status, out } = await verify('wrong.jsonl');
    expect(status).toBe(1);
    expect(out).toContain('entry [] 511: expected T:0x7, seen T:0x3');
    expect(out).toContain('iommu-lab verify vectors wrong.jsonl\n');
    expect(linesOf(out).at(-1)).toBe('does not hold: 1 file, 1 vector: 0 equal, 1 differs');
  });

  it('skips formats that are not there, with the reason, and does not take that for a success', async () => {
    const other = JSON.stringify({ ...JSON.parse(first), format: 'riscv' });
    write('both.jsonl', [first, other].join('\n'));
    const both = await verify('both.jsonl');
    expect([both.status, both.err]).toEqual([0, '']);
    expect(both.out).toContain('the page-table format riscv is not implemented');
    expect(linesOf(both.out).at(-1)).toBe('holds: 1 file, 2 vectors: 1 equal, 0 differ, 1 skipped');
    write('other.jsonl', other);
    const alone = await verify('other.jsonl');
    expect(alone.status).toBe(1);
    expect(linesOf(alone.out).at(-1)).toBe('does not hold: 1 file, 1 vector: nothing was compared');
  });

  it.each([
    ['x.jsonl', `${first}\nmoon`, 'x.jsonl:2: '],
    ['x.jsonl', first.replace('"vtdss"', '"abacus"'), 'x.jsonl:1: field format: expected one of the formats'],
    ['x.jsonl.gz', gzipSync(first).subarray(0, 60), 'x.jsonl.gz: gzip data is cut off or damaged'],
    ['x.jsonl', Uint8Array.of(0xff, 0xfe, 0x80), 'x.jsonl: neither gzip nor UTF-8 text'],
    ['x.jsonl', '', 'x.jsonl: no vectors: the file is empty'],
  ])('refuses %s with one line and status 3', async (name, content, message) => {
    write(name, content);
    const { status, out, err } = await verify(name);
    expect([status, out]).toEqual([3, '']);
    expect(linesOf(err)).toHaveLength(1);
    expect(err.startsWith(`iommu-lab: ${message}`)).toBe(true);
  });

  it('has no variants and no profiles', async () => {
    write('a.jsonl', first);
    expect(await verify('a.jsonl --variant device/raw')).toEqual({
      status: 2,
      out: '',
      err: 'iommu-lab: --variant is for traces; vectors have none\n',
    });
  });
});
