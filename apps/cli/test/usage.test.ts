/** Help, versions and wrong command lines: no workload runs for any of these. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VARIANTS } from '@iommu-lab/comparison';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json';
import { VERBS } from '../src/verbs/index';
import { linesOf, longest, temporaryFolder } from './memory-io';
import { runLine } from './run-line';

const IDS = VARIANTS.map(({ id }) => id).join(', ');

describe('help', () => {
  it('names the verbs on its first screen', async () => {
    const { status, out, err } = await runLine('--help');
    expect([status, err]).toEqual([0, '']);
    for (const { usage } of VERBS) expect(out).toContain(`\n  ${usage} `);
    expect(linesOf(out).length).toBeLessThanOrEqual(24);
    expect(longest(out)).toBeLessThanOrEqual(80);
  });

  it.each(VERBS.map(({ name }) => name))('of %s names its options and examples, and fits', async (name) => {
    const verb = VERBS.find((each) => each.name === name);
    const { status, out } = await runLine(`${name} --help`);
    expect(status).toBe(0);
    for (const { flag } of verb?.options ?? []) expect(out).toContain(`  ${flag} `);
    for (const example of verb?.examples ?? []) expect(out).toContain(`  ${example}\n`);
    expect(longest(out)).toBeLessThanOrEqual(80);
  });

  it('is what a line without a verb gets, as wrong usage', async () => {
    const { status, out, err } = await runLine('');
    expect([status, out]).toEqual([2, '']);
    expect(err).toBe((await runLine('--help')).out);
  });

  it('is not the version', async () => {
    expect(await runLine('--version')).toEqual({
      status: 0,
      out: `iommu-lab ${manifest.version}\n`,
      err: '',
    });
  });
});

describe('wrong usage is one line and status 2', () => {
  it.each([
    [
      'frobnicate',
      'unknown verb "frobnicate"; there are: compare, conform, explore, replay, trace, verify, show',
    ],
    ['compare --frobnicate', 'unknown option --frobnicate'],
    ['compare --variant device/nonesuch', `unknown variant "device/nonesuch"; there are: ${IDS}`],
    ['compare --era 2.4', 'unknown era "2.4"; there are: 5.10, 2022-02, 6.1, 6.12, 7.2'],
    ['compare --by moon', '--by is one of design, workload, not "moon"'],
    ['compare --format yaml', '--format is one of table, json, junit, not "yaml"'],
    ['compare --era 6.1 --era 6.12', '--era was given 2 times'],
    ['compare device/raw', 'too much: device/raw'],
    ['conform', 'a parameter is missing: iommu-lab conform VARIANT'],
    ['conform nonesuch', `unknown variant "nonesuch"; there are: ${IDS}`],
    [
      'conform ./mine.mjs',
      `"./mine.mjs" looks like a module: only built-in variants can be run so far: ${IDS}`,
    ],
    ['conform mine.mjs', `"mine.mjs" looks like a module: only built-in variants can be run so far: ${IDS}`],
    ['trace map/basic', 'a parameter is missing: iommu-lab trace WORKLOAD --variant V'],
    [
      'trace nonesuch --variant device/raw',
      'unknown workload "nonesuch"; "iommu-lab show workloads" lists them',
    ],
    ['trace map/basic --variant device/raw --against x', `unknown variant "x"; there are: ${IDS}`],
    ['verify', 'a parameter is missing: iommu-lab verify traces|vectors PATH...'],
    ['verify moons x', 'verify knows traces and vectors, not "moons"'],
    ['verify traces', 'a parameter is missing: iommu-lab verify traces|vectors PATH...'],
    ['verify traces x --variant moon', `unknown variant "moon"; there are: ${IDS}`],
    [
      'show nonesuch',
      'nothing is called "nonesuch"; show lists variants, workloads, scenarios, hazards, eras, profiles, formats, traffic, or takes an id of one of them',
    ],
  ])('%s', async (line, message) => {
    expect(await runLine(line)).toEqual({ status: 2, out: '', err: `iommu-lab: ${message}\n` });
  });

  it.each([
    ['conform device/raw --case nonesuch/*', '--case: no case has an id like "nonesuch/*"; there are: '],
    ['compare --workload nonesuch', '--workload: no case has an id like "nonesuch"; there are: '],
  ])('%s', async (line, message) => {
    const folder = temporaryFolder();
    const { status, out, err } = await runLine(line, { folder: folder.path });
    folder.remove();
    expect([status, out]).toEqual([2, '']);
    expect(linesOf(err)).toHaveLength(1);
    expect(err.startsWith(`iommu-lab: ${message}`)).toBe(true);
  });
});

describe('what could not be loaded is one line and status 3', () => {
  it('a profile that was asked for and is not there', async () => {
    const { status, out, err } = await runLine('verify traces x --profile debian-1.0-abacus');
    expect([status, out]).toEqual([3, '']);
    expect(linesOf(err)).toHaveLength(1);
    expect(err).toContain('--profile: unknown profile "debian-1.0-abacus"; there are: debian-5.10-intel');
  });

  it('a run folder that cannot be made', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder.path, 'file'), '');
    const { status, out, err } = await runLine('compare --out file/run', { folder: folder.path });
    folder.remove();
    expect([status, out]).toEqual([3, '']);
    expect(err).toBe(`iommu-lab: ${join(folder.path, 'file/run')}: a part of the path is not a folder\n`);
  });
});
