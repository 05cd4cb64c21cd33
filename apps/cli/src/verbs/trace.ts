/** `trace`: one workload call by call, on one design or on two beside each other. */
import { type TracedCase, traceWorkload } from '@iommu-lab/comparison';
import { holds, profile } from '@iommu-lab/conformance';
import { type CatalogueEntry, findCase } from '../catalogue';
import { clauseText } from '../clauses';
import { DOES_NOT_HOLD, HOLDS } from '../exit-status';
import type { Io } from '../io';
import { traceOne } from '../render/trace/one';
import { traceTwo } from '../render/trace/two';
import { coloursOf } from '../terminal/colours';
import { widthOf, wrap } from '../terminal/width';
import { UsageError } from '../usage-error';
import { variantNamed } from '../variants';
import type { Verb } from '../verb';

export const traceVerb: Verb = {
  name: 'trace',
  parameters: '<workload>',
  usage: 'trace WORKLOAD --variant V',
  summary: 'Shows one workload call by call',
  options: [
    { flag: '--variant <id>', text: 'the design that runs it' },
    { flag: '--against <id>', text: 'a second design, shown beside the first' },
  ],
  notes: [
    'For each step: the kernel functions that are called and what they return, locks, references, hardware.',
    'WORKLOAD is an id, or profile/id for one of several recordings; an id alone stands for the newest kernel.' +
      ' "iommu-lab show workloads" lists them.',
    'With --against, "<" marks what happens only on the left and ">" what happens only on the right. Exit status 1 says' +
      ' that an answer is not as expected; a difference between the two designs alone does not.',
  ],
  examples: [
    'iommu-lab trace container/second-group --variant device/pinned',
    'iommu-lab trace cost/join --variant group/replace --against device/raw',
  ],
  run({ io, positionals, options }) {
    const id = options.text('variant');
    if (id === undefined)
      throw new UsageError('a parameter is missing: iommu-lab trace WORKLOAD --variant V');
    const other = options.text('against');
    const variants = [id, ...(other === undefined ? [] : [other])].map(variantNamed);
    const entry = findCase(positionals[0] ?? '');
    const traced = variants.map((variant) => traceWorkload(entry.case, variant));
    io.stdout.write(traceText(entry, traced, io));
    return traced.every(({ result }) => holds(result)) ? HOLDS : DOES_NOT_HOLD;
  },
};

/** The whole output. Precondition: one or two traces of this case. */
export function traceText({ case: one, id }: CatalogueEntry, traced: readonly TracedCase[], io: Io): string {
  const width = widthOf(io);
  const colours = coloursOf(io);
  const [first, second] = traced as [TracedCase, TracedCase | undefined];
  const clauses = clauseText(one);
  const clause = clauses === '' ? '' : `, ${clauses}`;
  const on = second === undefined ? ` on ${first.variant}` : '';
  const title = one.title === one.id ? '' : `: ${one.title}`;
  const head = wrap(`${id}${on} (kernel ${profile(one.profile).era}${clause})${title}`, width, 2);
  const skips = traced.flatMap(({ variant, result }) =>
    result.skipped === null ? [] : wrap(`skipped on ${variant}: ${result.skipped}`, width, 2),
  );
  const lines =
    second === undefined
      ? traceOne(one, first, width, colours)
      : traceTwo(one, [first, second], width, colours);
  return `${[...head, '', ...skips, ...lines].join('\n')}\n`;
}
