/** The command as a process: what only a real one has, pipes that close, files that are full, no terminal. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { VARIANTS } from '@iommu-lab/comparison';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { linesOf, temporaryFolder } from './memory-io';

// The model runs here, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

const folder = temporaryFolder();
const MAIN = join(folder.path, 'main.js');

beforeAll(async () => {
  await build({
    entry: ['main', 'worker'].map((name) => join(import.meta.dirname, `../src/${name}.ts`)),
    outDir: folder.path,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    splitting: false,
    noExternal: [/.*/],
    // cli-table3 is CommonJS and asks for Node's modules.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    esbuildOptions: (options) => {
      options.conditions = ['@iommu-lab/source', 'node', 'import', 'default'];
    },
  });
}, 60_000);
afterAll(() => folder.remove());

/** Writes to descriptor 3 as soon as the process listens for SIGINT: until then the signal would just end it. */
const TELLS_OF_SIGINT = `data:text/javascript,${encodeURIComponent(
  "import { writeSync } from 'node:fs';" +
    "process.on('newListener', (name) => name === 'SIGINT' && queueMicrotask(() => writeSync(3, 'x')));",
)}`;

function run(command: string) {
  const script = command.replaceAll('iommu-lab', `"${process.execPath}" "${MAIN}"`);
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-o', 'pipefail', '-c', script], {
    cwd: folder.path,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '' },
  });
  return { status, out: stdout, err: stderr };
}

describe('the process', () => {
  it('prints the version and ends with the status of the run', () => {
    expect(run('iommu-lab --version')).toMatchObject({ status: 0, err: '' });
    expect(run('iommu-lab frobnicate')).toMatchObject({ status: 2, out: '' });
    expect(run('iommu-lab verify traces nonesuch')).toEqual({
      status: 3,
      out: '',
      err: 'iommu-lab: nonesuch: no such file or folder\n',
    });
  });

  it('does not mind a reader that goes away', () => {
    const { status, out, err } = run('iommu-lab show workloads | head -n 1');
    expect([status, err, linesOf(out).length]).toEqual([0, '', 1]);
  });

  it('says so when what it printed did not arrive', () => {
    if (!existsSync('/dev/full')) return;
    const { status, err } = run('iommu-lab show variants > /dev/full');
    expect(status).toBe(3);
    expect(linesOf(err)).toHaveLength(1);
    expect(err).toMatch(/^iommu-lab: standard output: /);
  });

  it('explores in worker threads, and answers as it would in one', () => {
    const line = 'explore two-containers-claim --json';
    const [two, one] = [run(`iommu-lab ${line}`), run(`iommu-lab ${line} --workers 1`)];
    expect([two.status, two.err]).toEqual([0, '']);
    expect(two.out).toBe(one.out);
    expect(JSON.parse(two.out).results).toHaveLength(VARIANTS.length);
  });

  it('ends searches at an interrupt, prints what they have shown, and has status 130', async () => {
    const line = 'explore map-vs-dma --engine random --max-executions 100000000 --json';
    const child = spawn(process.execPath, ['--import', TELLS_OF_SIGINT, MAIN, ...line.split(' ')], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const [out, err] = [text(child.stdout as Readable), text(child.stderr as Readable)];
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await once(child.stdio[3] as Readable, 'data');
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(await err).toBe('');
    const { results } = JSON.parse(await out);
    expect(results.map((one: { verdict: string }) => one.verdict)).toEqual(['SAMPLED', 'SAMPLED']);
  });

  it('compares, is quiet on standard error in a pipe, and leaves a run folder that git does not see', () => {
    const { status, out, err } = run('iommu-lab compare --workload "topology*" --variant device/raw');
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('report: iommu-lab-run/report.html\n');
    expect(Math.max(...linesOf(out).map((line) => line.length))).toBeLessThanOrEqual(80);
    const written = (name: string) => readFileSync(join(folder.path, 'iommu-lab-run', name), 'utf8');
    expect(written('.gitignore')).toBe('*\n');
    expect(JSON.parse(written('results.json'))).toMatchObject({ version: 1, reasons: [] });
    expect(written('report.html')).toContain('Holds.');
    expect(written('junit.xml')).toContain('<testsuite name="device/raw"');
  });
});
