/** What came of searches, in words: a block for each, and one line at the end. */
import { exploreHolds } from '@iommu-lab/comparison';
import type { ExploreReport, ExploreResult, ExploreViolation } from '@iommu-lab/conformance';
import type { Searched } from '../explore/searches';
import type { Io } from '../io';
import { type Colours, coloursOf } from '../terminal/colours';
import { widthOf, wrap } from '../terminal/width';
import { counted } from './tally-text';

/** The whole output. */
export function exploreText(report: ExploreReport, searched: Searched, io: Io): string {
  const width = widthOf(io);
  const colours = coloursOf(io);
  const blocks = resultBlocks(report, width, colours);
  const end = wrap(endText(report, searched), width, 2).map(
    exploreHolds(report) && !searched.interrupted ? colours.green : colours.red,
  );
  return [...blocks, end].map((lines) => `${lines.join('\n')}\n`).join('\n');
}

/** The lines of each search. @public Shown in the README too. */
export function resultBlocks(report: ExploreReport, width: number, colours: Colours): string[][] {
  return report.results.map((result) => resultLines(result, width, colours));
}

function resultLines(result: ExploreResult, width: number, colours: Colours): string[] {
  const { scenario, variant, era, verdict, violations, because, witness, hazard } = result;
  const on = variant === null ? 'on any design' : `on ${variant}`;
  const found = violations.length === 0 ? 'no violation' : counted(violations.length, 'violation');
  const number = hazard === null ? '' : `${hazard}, `;
  const head = `${scenario} ${on} (${number}kernel ${era}): ${verdict}, ${found}`;
  const seen = because === null ? [] : [`because: ${because}`];
  const shown = witness === null ? [] : [`witness: ${witness} shows it elsewhere`];
  return [
    ...wrap(head, width, 2).map(violations.length === 0 ? colours.bold : colours.red),
    ...[numbersText(result), ...checkText(result), ...seen, ...shown].flatMap((text) =>
      wrap(`  ${text}`, width, 4),
    ),
    ...violations.flatMap((violation) => violationLines(violation, width, colours)),
  ];
}

/** What the verdict rests on. */
function numbersText({ verdict, reason, threads, deepest, memoryModel }: ExploreResult): string {
  if (verdict === 'NOT_EXPRESSIBLE') return reason;
  return `${reason}; ${counted(threads, 'thread')}, at most ${counted(deepest, 'step')}, ${memoryModel}`;
}

/** What the explorer says of itself: another engine, and executions that were run again. */
function checkText({ agreement, repeated, differing }: ExploreResult): string[] {
  const again =
    repeated === 0
      ? []
      : [
          `${counted(repeated, 'execution')} run twice: ${differing === 0 ? 'the same' : `${differing} differ`}`,
        ];
  if (agreement === null) return again;
  const { agree, executions, differences } = agreement;
  const other = agree
    ? `source agrees (${counted(executions[1], 'execution')})`
    : `THE ENGINES DISAGREE: ${differences.join('; ')}`;
  return [[other, ...again].join('; ')];
}

function violationLines(violation: ExploreViolation, width: number, colours: Colours): string[] {
  const { kind, token, steps, deviations, story, remedy, message } = violation;
  const size = `${counted(steps, 'step')}, ${counted(deviations, 'deviation')}`;
  const head = token === null ? `${kind}: a second run did not show it` : `${kind}  ${token}  (${size})`;
  const told = story.length === 0 ? [message] : story;
  return [
    ...wrap(`  ${head}`, width, 4).map(colours.red),
    ...[...told, ...(remedy === null ? [] : [remedy])].flatMap((text) => wrap(`    ${text}`, width, 6)),
  ];
}

function endText(report: ExploreReport, { results, interrupted }: Searched): string {
  const failing = report.results.filter(({ violations }) => violations.length > 0).length;
  const searches = counted(report.results.length, 'search', 'searches');
  const apart = report.results.filter(({ agreement }) => agreement?.agree === false).length;
  const found = failing === 0 ? `no violation in ${searches}` : `violations in ${failing} of ${searches}`;
  const outcome = apart === 0 ? found : `${found}; the engines disagree in ${apart}`;
  if (!interrupted) return outcome;
  const left = results.filter((result) => result === null).length;
  return `interrupted: ${outcome}, ended where they stood; ${left} not begun`;
}
