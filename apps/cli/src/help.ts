/** The help of the whole command and of each verb. */
import { wrap } from './terminal/width';
import type { Verb } from './verb';

const STATUS = 'Exit status: 0 holds, 1 does not hold, 2 wrong usage, 3 could not load.';

/** The first screen: what it is, the verbs, how to go on. */
export function mainHelp(verbs: readonly Verb[], width: number): string {
  const list = verbs.map((verb): Entry => [verb.usage, verb.summary]);
  return page([
    ['iommu-lab compares IOMMU API designs by running them.'],
    ['Usage: iommu-lab VERB [options]'],
    ['Verbs', ...entries(list, width)],
    [
      ...entries(
        [
          ['iommu-lab VERB --help', 'options and examples of a verb'],
          ['iommu-lab --version', ''],
        ],
        width,
      ),
    ],
    [
      ...wrap(
        'Begin with "iommu-lab compare": it runs every design over every workload and recorded kernel, and writes a report.',
        width,
      ),
      STATUS,
    ],
  ]);
}

/** Everything about one verb. */
export function verbHelp(verb: Verb, width: number): string {
  const options = verb.options.map(({ flag, text }): Entry => [flag, text]);
  return page([
    [`Usage: iommu-lab ${verb.usage}${options.length === 0 ? '' : ' [options]'}`],
    wrap(`${verb.summary}.`, width),
    options.length === 0 ? [] : ['Options', ...entries(options, width)],
    verb.notes.flatMap((note) => wrap(note, width)),
    ['Examples', ...verb.examples.map((example) => `  ${example}`)],
    [STATUS],
  ]);
}

type Entry = readonly [term: string, text: string];

function entries(list: readonly Entry[], width: number): string[] {
  const column = Math.max(...list.map(([term]) => term.length)) + 4;
  return list.flatMap(([term, text]) =>
    wrap(`  ${term}`.padEnd(column) + text, width, column).map((line) => line.trimEnd()),
  );
}

function page(sections: readonly (readonly string[])[]): string {
  const shown = sections.filter((section) => section.length > 0).map((section) => section.join('\n'));
  return `${shown.join('\n\n')}\n`;
}
