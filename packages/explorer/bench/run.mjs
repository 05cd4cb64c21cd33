/**
 * The explorer's speed: `node packages/explorer/bench/run.mjs [--json] [--quick]`. --quick: fewer rounds, and memory
 * over 100,000 executions instead of a million.
 *
 * Rates are executions for each second that this process had a core: on a busy machine the clock says more about the
 * others. What other tools do is measured in the same run, because only ratios carry over to another machine.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { spinComparison } from './spin.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const require = createRequire(import.meta.url);
const esbuild = createRequire(require.resolve('tsup'))('esbuild');
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'iommu-lab-bench-'));
const json = process.argv.includes('--json');
const quick = process.argv.includes('--quick');

/** Bundles one of the files beside this one; fast-check stays outside and is found from here. */
async function bundle(name) {
  const outfile = join(folder, `${name}.mjs`);
  await esbuild.build({
    entryPoints: [join(here, `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@iommu-lab/source'],
  });
  return outfile;
}

const imported = async (name) => import(pathToFileURL(await bundle(name)).href);

/** Milliseconds of one process from its start to its end: by the clock, the best of several. */
function processTime(...parameters) {
  const times = Array.from({ length: quick ? 3 : 7 }, () => {
    const start = performance.now();
    execFileSync(process.execPath, parameters, { stdio: 'pipe' });
    return performance.now() - start;
  });
  return Math.min(...times);
}

const count = (value) => Math.round(value).toLocaleString('en-US');
const percent = (value) => `${(100 * value).toFixed(0)} %`;
const kib = (bytes) => `${count(bytes / 1024)} KiB`;

function printRates(rates) {
  const widths = [20, 10, 8, 12, 12, 12, 8, 10, 10];
  const line = (cells) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(20) : cell.padStart(widths[i]))).join('');
  console.log(
    line(['program', 'engine', 'events', 'exec/s CPU', 'exec/s', 'steps/s CPU', 'new', 'given up', 'target']),
  );
  for (const rate of rates) {
    const { program, engine, events, perCpuSecond, perSecond, stepsPerCpuSecond, target } = rate;
    const speeds = [perCpuSecond, perSecond, stepsPerCpuSecond].map(count);
    const wanted = target === null ? '' : count(target);
    const shares = [percent(rate.newSteps), percent(rate.givenUp)];
    console.log(line([program, engine, String(events), ...speeds, ...shares, wanted]));
  }
}

function printSpin({ skipped, sizes = [] }) {
  console.log(
    `\nthread/group, Spin and the explorer, ms${skipped === undefined ? '' : `: skipped, ${skipped}`}`,
  );
  for (const { opens, probes, explorer, spin } of sizes) {
    const ours = `explorer ${count(explorer.executions)} executions, cold ${count(explorer.coldMs)}, search ${count(explorer.searchMs)}`;
    const total = count(spin.compileMs + spin.searchMs);
    const theirs = `Spin ${count(spin.states)} states, compiled and run ${total}, search ${count(spin.searchMs)}`;
    const ratio = (explorer.searchMs / spin.searchMs).toFixed(1);
    console.log(`  (${opens},${probes}) ${ours}; ${theirs}; ratio of the searches ${ratio}`);
  }
}

function print({ load, rates, fastCheck, cold, spin, memory }) {
  console.log(`${cpus().length} cores, load ${load.map((value) => value.toFixed(1)).join(' ')}\n`);
  printRates(rates);
  const { explorerPerCpuSecond, fastCheckPerCpuSecond, ratio, seeds } = fastCheck;
  console.log(`\nrandom schedules of thread/device, executions for each second of a core
  explorer ${count(explorerPerCpuSecond)}, fast-check ${count(fastCheckPerCpuSecond)}: ratio ${ratio.toFixed(1)}
  executions to the use-after-free, mean of ${seeds} seeds: explorer ${fastCheck.explorerToBug.toFixed(1)}, fast-check ${fastCheck.fastCheckToBug.toFixed(1)}; optimal search: ${fastCheck.optimalToBug}`);
  console.log(
    `\ncold process to verdict, thread/group: ${count(cold.verdictMs)} ms (node alone ${count(cold.nodeMs)} ms)`,
  );
  printSpin(spin);
  console.log(`\nkept in the course of a search`);
  for (const { engine, executions, heapBytes, residentBytes } of memory) {
    console.log(
      `  ${engine}, ${count(executions)} executions: heap ${kib(heapBytes)}, resident ${kib(residentBytes)}`,
    );
  }
}

try {
  const rounds = quick ? 3 : 7;
  const { rates } = await imported('rates');
  const { comparison } = await imported('promises');
  const { kept } = await imported('memory');
  const cold = await bundle('cold');
  const executions = quick ? 100_000 : 1_000_000;
  const results = {
    load: loadavg(),
    rates: rates(rounds),
    fastCheck: await comparison(rounds, quick ? 5 : 40),
    cold: { verdictMs: processTime(cold), nodeMs: processTime('-e', '0') },
    spin: spinComparison(cold, folder, quick ? 3 : 7),
    memory: ['optimal', 'source'].map((engine) => kept(engine, executions, collect)),
  };
  if (json) console.log(JSON.stringify(results, null, 2));
  else print(results);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
