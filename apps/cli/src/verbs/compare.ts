/** `compare`: every design over every workload and recorded kernel, side by side. */
import { join } from 'node:path';
import { type CompareOptions, type Comparison, compare } from '@iommu-lab/comparison';
import { junit, profile, selectCases } from '@iommu-lab/conformance';
import { catalogue } from '../catalogue';
import { eraNamed } from '../eras';
import { DOES_NOT_HOLD, HOLDS } from '../exit-status';
import { DEFAULT_RUN_FOLDER, prepareRunFolder, resultsText, writeRun } from '../files/run-folder';
import type { Io } from '../io';
import type { Options } from '../options';
import { designTable } from '../render/design-table';
import { differenceLines, skipLines } from '../render/difference-lines';
import { workloadMatrix } from '../render/matrix';
import { repeatTrace } from '../render/repeat';
import { coloursOf } from '../terminal/colours';
import { withProgress } from '../terminal/progress';
import { widthOf, wrap } from '../terminal/width';
import { variantsNamed } from '../variants';
import type { Verb } from '../verb';

/** Differences on the terminal; the report has the rest. */
const MOST_DIFFERENCES = 5;

export const compareVerb: Verb = {
  name: 'compare',
  parameters: '',
  usage: 'compare',
  summary: 'Compares the designs side by side',
  options: [
    { flag: '--variant <ids>', text: 'only these designs, separated by commas (default: all)' },
    { flag: '--workload <glob>', text: 'only workloads whose id matches, such as "map/*" (default: all)' },
    { flag: '--era <era>', text: 'only workloads of this kernel, such as 6.12 (default: all)' },
    { flag: '--by <what>', text: 'a table by "design" (the default) or by "workload"' },
    { flag: '--format <format>', text: '"table" (the default), "json" (results.json) or "junit"' },
    {
      flag: '--out <folder>',
      text: `where results.json, report.html and junit.xml go (default: ${DEFAULT_RUN_FOLDER})`,
    },
  ],
  notes: [
    'Runs every workload and every recorded kernel on every design: what they answer, what they call, what that costs.',
    'It holds when every step of every workload answers as it should on every design, nothing is left over afterwards,' +
      ' and nothing was skipped that must run.',
  ],
  examples: [
    'iommu-lab compare',
    'iommu-lab compare --by workload --workload "map/*"',
    'iommu-lab compare --variant device/raw,device/pinned --format json',
  ],
  run({ io, options }) {
    const out = options.text('out');
    const format = options.choice('format', ['table', 'json', 'junit']);
    const by = options.choice('by', ['design', 'workload']);
    const selection = selectionOf(options);
    const folder = prepareRunFolder(out, io.folder);
    const comparison = withProgress(io, (onProgress) => compare({ ...selection, onProgress }));
    const { results, holds } = comparison;
    if (format === 'json') io.stdout.write(resultsText(results));
    if (format === 'junit') io.stdout.write(junit(results));
    if (format === 'table') io.stdout.write(comparisonText(comparison, by, io));
    writeRun(folder, results);
    if (format === 'table') {
      io.stdout.write(`report: ${join(out ?? DEFAULT_RUN_FOLDER, 'report.html')}\n`);
    }
    return holds ? HOLDS : DOES_NOT_HOLD;
  },
};

/** What is to be compared. Everything that is wrong with it is said before a folder is made. */
function selectionOf(options: Options): CompareOptions {
  const workload = options.text('workload');
  const era = eraNamed(options.text('era'));
  const variants = variantsNamed(options.list('variant'));
  if (workload !== undefined) {
    const ofEra = catalogue().filter((entry) => era === undefined || profile(entry.case.profile).era === era);
    const cases = ofEra.map((entry) => entry.case);
    selectCases(cases, workload, '--workload');
  }
  return {
    variants,
    ...(workload === undefined ? {} : { workload }),
    ...(era === undefined ? {} : { era }),
  };
}

/** What the terminal shows: the table, what differs, what was skipped, whether it holds. */
function comparisonText({ results, holds, reasons }: Comparison, by: 'design' | 'workload', io: Io): string {
  const width = widthOf(io);
  const colours = coloursOf(io);
  const byId = new Map(catalogue().map((entry) => [entry.id, entry.case]));
  const different = differenceLines(results.failures, {
    width,
    colours,
    most: MOST_DIFFERENCES,
    operationOf: (id, step) => byId.get(id)?.steps[step]?.op,
    repeat: repeatTrace,
  });
  const skipped = skipLines(results.skips, width);
  const verdict = holds
    ? colours.green('holds: every step answers as it should, and nothing is left over')
    : wrap(`does not hold: ${reasons.join('; ')}`, width, 2)
        .map(colours.red)
        .join('\n');
  const parts = [
    by === 'design' ? designTable(results, width, colours) : workloadMatrix(results, width),
    different,
    skipped,
    [verdict],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')}`;
}
