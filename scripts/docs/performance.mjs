/**
 * Runs every bench and writes the figures into docs/performance.md: `node scripts/docs/performance.mjs`. Meant for a
 * machine that does nothing else. Figures differ from run to run, so docs:check does not look at them.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { withBlock } from './block.mjs';

const root = resolve(import.meta.dirname, '../..');
const PAGE = join(root, 'docs/performance.md');

/** The results of one package's bench. Its progress and errors are shown. */
function bench(name) {
  console.error(`bench of ${name}`);
  const script = join(root, 'packages', name, 'bench/run.mjs');
  return JSON.parse(
    execFileSync(process.execPath, [script, '--json'], { encoding: 'utf8', maxBuffer: 2 ** 26 }),
  );
}

const count = (value) => Math.round(value).toLocaleString('en-US');
const percent = (value) => `${(100 * value).toFixed(0)} %`;
const kib = (bytes) => `${count(bytes / 1024)} KiB`;
const ratio = (value) => value.toFixed(1);

/** A table in markdown: the first column is text, the others are numbers. */
function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}

/** Where and when: without it the figures say nothing. */
function conditions(load, page) {
  const git = (...parameters) => execFileSync('git', parameters, { cwd: root, encoding: 'utf8' }).trim();
  const [processor] = cpus();
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes';
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, commit ${git('rev-parse', '--short', 'HEAD')}${changed}, Node ${process.version}, ${cpus().length} cores (${processor.model.trim()}), load ${load[0].toFixed(1)} at the start of the explorer's bench. The C program maps one page in ${page.cNanoseconds.toFixed(1)} ns here.`;
}

function rates(results) {
  const rows = results.map((rate) => [
    `${rate.program}, ${rate.engine}`,
    rate.events,
    count(rate.perCpuSecond),
    rate.target === null ? '' : count(rate.target),
    count(rate.stepsPerCpuSecond),
    percent(rate.newSteps),
    percent(rate.givenUp),
  ]);
  return table(
    ['program, engine', 'events', 'executions/s', 'target', 'steps/s', 'new steps', 'given up'],
    rows,
  );
}

function spin({ skipped, sizes = [] }) {
  if (skipped !== undefined) return `Spin: skipped, ${skipped}.`;
  const rows = sizes.map(({ opens, probes, explorer, spin: theirs }) => [
    `group, ${opens} opens, ${probes} probes`,
    count(explorer.executions),
    count(theirs.states),
    count(explorer.coldMs),
    count(theirs.compileMs + theirs.searchMs),
    count(explorer.searchMs),
    count(theirs.searchMs),
    ratio((theirs.compileMs + theirs.searchMs) / explorer.coldMs),
    ratio(theirs.searchMs / explorer.searchMs),
  ]);
  const head = [
    'scenario',
    'our executions',
    'Spin states',
    'our process, ms',
    'Spin with gcc, ms',
    'our search, ms',
  ];
  return table([...head, 'Spin search, ms', 'Spin / ours, cold', 'Spin / ours, search'], rows);
}

function fastCheck({ explorerPerCpuSecond, fastCheckPerCpuSecond, ratio: times, seeds, ...toBug }) {
  return table(
    ['random schedules of thread/device', 'explorer', 'fast-check', 'ratio'],
    [
      ['executions/s', count(explorerPerCpuSecond), count(fastCheckPerCpuSecond), ratio(times)],
      [
        `executions to the use-after-free, mean of ${seeds} seeds`,
        ratio(toBug.explorerToBug),
        ratio(toBug.fastCheckToBug),
        '',
      ],
    ],
  );
}

function kernel({ first, rates: results, shares }) {
  const rows = results.map((rate) => [
    `${rate.scenario}, ${rate.variant}, ${rate.engine}`,
    rate.verdict,
    rate.executions,
    rate.events,
    count(rate.perCpuSecond),
    count(rate.stepsPerCpuSecond),
    ratio(rate.bootMs),
  ]);
  const parts = shares.map((share) => [
    `${share.scenario}, ${share.variant}`,
    ...[share.steps, share.invariants, share.end, share.restore].map(percent),
  ]);
  return [
    `In a new process, whose code is not compiled yet, the bounded search finds the ${first.kind} of ${first.variant} in ${first.scenario} after ${first.executions} executions and ${count(first.searchMs)} ms (${count(first.cpuMs)} ms of a core; target 1,000 ms).`,
    '',
    table(['search', 'verdict', 'executions', 'steps, at most', 'executions/s', 'steps/s', 'boot, ms'], rows),
    '',
    'Where the time of random executions goes:',
    '',
    table(['scenario, design', 'steps', 'invariants', 'end and audit', 'restore'], parts),
  ].join('\n');
}

const explorer = bench('explorer');
const comparison = bench('comparison');
const core = bench('core');
const type1 = bench('vfio');
const { few, many } = type1.pairsPerSecond;

const figures = [
  conditions(
    explorer.load,
    core.find(({ pattern }) => pattern === 'map one 4K page'),
  ),
  '',
  '### Explorer',
  '',
  rates(explorer.rates),
  '',
  `Cold process to verdict, thread/group: ${count(explorer.cold.verdictMs)} ms, of which Node alone takes ${count(explorer.cold.nodeMs)} ms (target 500 ms).`,
  '',
  ...explorer.memory.map(
    ({ engine, executions, heapBytes }) =>
      `Heap kept over ${count(executions)} executions of ${engine}: ${kib(heapBytes)}.`,
  ),
  '',
  '### Against fast-check',
  '',
  fastCheck(explorer.fastCheck),
  '',
  '### Against Spin',
  '',
  spin(explorer.spin),
  '',
  '### Explorer on the whole kernel model',
  '',
  kernel(comparison),
  '',
  '### Page tables against C',
  '',
  table(
    ['pattern', 'C, ns', 'page numbers / C', 'bigint / C'],
    core.map((row) => [
      row.pattern,
      ...[row.cNanoseconds, row.pagesRatio, row.bigintRatio].map((n) => n.toFixed(2)),
    ]),
  ),
  '',
  '### type1',
  '',
  `MAP and UNMAP pairs of 4 KiB: ${count(few)}/s with 10 live mappings, ${count(many)}/s with 60,000 (${(few / many).toFixed(2)} times the cost). Heap kept over a million pairs: ${kib(type1.grownBytes)}.`,
].join('\n');

await writeFile(PAGE, withBlock(await readFile(PAGE, 'utf8'), 'figures', figures));
console.error('wrote docs/performance.md');
