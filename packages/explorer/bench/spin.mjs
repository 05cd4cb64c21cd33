/**
 * The thread's scenario of the form `group` in Spin and in the explorer: cold to the verdict, and the search alone. Spin
 * keeps states and joins them where the explorer runs executions anew, so the more rounds the scenario has, the more
 * Spin's search gains; its model has to be compiled first.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODEL = fileURLToPath(new URL('../test/promela/vfio.pml', import.meta.url));
const SIZES = [
  { opens: 1, probes: 1 },
  { opens: 3, probes: 3 },
];

/** Why there is nothing to compare with, or null. */
function missing() {
  const tools = [
    ['spin', '-V'],
    ['gcc', '--version'],
  ];
  const absent = tools.filter(([tool, option]) => spawnSync(tool, [option]).status !== 0);
  return absent.length === 0 ? null : `${absent.map(([tool]) => tool).join(' and ')} not installed`;
}

function timed(command, parameters, cwd) {
  const start = performance.now();
  const output = execFileSync(command, parameters, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { output, ms: performance.now() - start };
}

function inSpin({ opens, probes }, folder) {
  mkdirSync(folder);
  copyFileSync(MODEL, join(folder, 'model.pml'));
  const defines = [`-DOPENS=${opens}`, `-DPROBES=${probes}`, '-DFORM=GROUP'];
  const generate = timed('spin', ['-a', ...defines, 'model.pml'], folder);
  const compile = timed('gcc', ['-O2', '-w', '-DSAFETY', '-o', 'pan', 'pan.c'], folder);
  const search = timed('./pan', ['-m10000', '-w18'], folder);
  const states = Number(/(\d+) states, stored/.exec(search.output)?.[1]);
  if (!/errors: 0/.test(search.output)) throw new Error(`Spin found an error:\n${search.output}`);
  return { states, compileMs: generate.ms + compile.ms, searchMs: search.ms };
}

/** @param cold the bundle that runs the explorer on the scenario; `rounds` runs of it, the fastest counts. */
export function spinComparison(cold, folder, rounds) {
  const reason = missing();
  if (reason !== null) return { skipped: reason };
  const sizes = SIZES.map((size) => {
    const runs = Array.from({ length: rounds }, () => {
      const { output, ms } = timed(process.execPath, [cold, String(size.opens), String(size.probes)], folder);
      return { ...JSON.parse(output), coldMs: ms };
    });
    const { executions, verdict } = runs[0];
    const explorer = {
      verdict,
      executions,
      coldMs: Math.min(...runs.map(({ coldMs }) => coldMs)),
      searchMs: Math.min(...runs.map(({ searchMs }) => searchMs)),
    };
    return { ...size, explorer, spin: inSpin(size, join(folder, `spin-${size.opens}-${size.probes}`)) };
  });
  return { sizes };
}
