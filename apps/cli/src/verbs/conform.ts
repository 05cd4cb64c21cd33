/** `conform`: one design against every recorded kernel and every workload. */
import { type Conformance, conform } from '@iommu-lab/comparison';
import { DOES_NOT_HOLD, HOLDS } from '../exit-status';
import type { Io } from '../io';
import { caseLines } from '../render/case-lines';
import { skipLines } from '../render/difference-lines';
import { counted, differ } from '../render/tally-text';
import { coloursOf } from '../terminal/colours';
import { withProgress } from '../terminal/progress';
import { widthOf, wrap } from '../terminal/width';
import { variantNamed } from '../variants';
import type { Verb } from '../verb';

export const conformVerb: Verb = {
  name: 'conform',
  parameters: '<variant>',
  usage: 'conform VARIANT',
  summary: 'Holds one design against every recording',
  options: [
    { flag: '--case <glob>', text: 'only cases whose id matches, such as "unmap/*" (default: all)' },
    { flag: '--bail', text: 'stop after the first case that fails' },
    { flag: '--json', text: 'print a report of kind "traces" as JSON, and nothing else' },
  ],
  notes: [
    'Runs every recorded case and every workload on one design and tells what is not as expected.',
    'VARIANT is the id of a built-in design; "iommu-lab show variants" lists them.',
  ],
  examples: ['iommu-lab conform device/raw', 'iommu-lab conform group/replace --case "move/*" --bail'],
  run({ io, positionals, options }) {
    const variant = variantNamed(positionals[0] ?? '');
    const glob = options.text('case');
    const selection = { ...(glob === undefined ? {} : { case: glob }), bail: options.flag('bail') };
    const conformance = withProgress(io, (onProgress) => conform(variant, { ...selection, onProgress }));
    if (options.flag('json')) io.stdout.write(`${JSON.stringify(conformance.report, null, 2)}\n`);
    else io.stdout.write(conformanceText(variant.id, conformance, io));
    return conformance.holds ? HOLDS : DOES_NOT_HOLD;
  },
};

/** Failing cases, what was skipped, and one line at the end. */
function conformanceText(variant: string, conformance: Conformance, io: Io): string {
  const width = widthOf(io);
  const colours = coloursOf(io);
  const { report, cases, holds, reasons } = conformance;
  const blocks = cases
    .map(({ case: one, result }) => caseLines(one, result, { width, colours }))
    .filter((lines) => lines.length > 0);
  const skipped = skipLines(report.skips, width);
  if (skipped.length > 0) blocks.push(skipped);
  const declared = cases.reduce((sum, { result }) => sum + result.declared.length, 0);
  const asDeclared = declared === 0 ? '' : `, ${declared} ${differ(declared)} as it declares`;
  const counts = `${report.passed - declared} of ${counted(report.total, 'step')} equal${asDeclared} in ${counted(cases.length, 'case')}`;
  const end = holds
    ? [colours.green(`${variant} conforms: ${counts}`)]
    : wrap(`${variant} does not conform: ${reasons.join('; ')}`, width, 2).map(colours.red);
  return [...blocks, end].map((lines) => `${lines.join('\n')}\n`).join('\n');
}
