/**
 * Searches over the whole kernel model: `node packages/comparison/bench/run.mjs [--json] [--quick]`. Rates are executions
 * for each second that this process had a core, as in the bench of the explorer, which has the other programs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const esbuild = createRequire(require.resolve('tsup'))('esbuild');
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'iommu-lab-bench-'));
const json = process.argv.includes('--json');
const quick = process.argv.includes('--quick');

const count = (value) => Math.round(value).toLocaleString('en-US');
const percent = (value) => `${(100 * value).toFixed(0)} %`;

function print({ load, first, rates, shares }) {
  console.log(`${cpus().length} cores, load ${load.map((value) => value.toFixed(1)).join(' ')}`);
  console.log(
    `\n${first.scenario}, ${first.variant}, bounded, in a new process: ${first.kind} after ${first.executions} executions, ${count(first.searchMs)} ms by the clock, ${count(first.cpuMs)} ms of a core`,
  );
  for (const rate of rates) {
    const { scenario, variant, engine, verdict, executions, events, bootMs, newSteps } = rate;
    const speed = `${count(rate.perCpuSecond)} executions and ${count(rate.stepsPerCpuSecond)} steps a second of a core`;
    const clock = `${count(rate.perSecond)} executions by the clock`;
    console.log(`\n${scenario}, ${variant}, ${engine}: ${verdict}, ${executions} executions of up to ${events} steps
  ${speed}, ${clock}; ${percent(newSteps)} of the steps new; boot and set-up ${count(bootMs)} ms`);
  }
  console.log('\nwhere the time of random executions goes');
  for (const { scenario, variant, steps, invariants, end, restore } of shares) {
    console.log(
      `  ${scenario}, ${variant}: steps ${percent(steps)}, invariants ${percent(invariants)}, end ${percent(end)}, restore ${percent(restore)}`,
    );
  }
}

try {
  const outfile = join(folder, 'kernel.mjs');
  await esbuild.build({
    entryPoints: [join(here, 'kernel.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@iommu-lab/source'],
  });
  const { firstFinding, kernelRates, shares, SEARCHES } = await import(pathToFileURL(outfile).href);
  const results = {
    load: loadavg(),
    // Before all others: a search that compiles its own code.
    first: firstFinding(),
    rates: kernelRates(quick ? 3 : 7),
    shares: SEARCHES.filter(({ engine }) => engine === 'random').map((search) =>
      shares(search, quick ? 500 : 2000),
    ),
  };
  if (json) console.log(JSON.stringify(results, null, 2));
  else print(results);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
