/** Differences and skips on a terminal. */
import type { Failure, Skip } from '@iommu-lab/conformance';
import type { Colours } from '../terminal/colours';
import { wrap } from '../terminal/width';
import { type Difference, differences, fieldText, skipGroups } from './differences';
import { commandLines } from './repeat';
import { counted } from './tally-text';

export interface DifferenceView {
  readonly width: number;
  readonly colours: Colours;
  /** How many are shown; the rest is counted. */
  readonly most: number;
  /** A step's operation, where it is known. */
  operationOf(id: string, step: number): string | undefined;
  /** The command that repeats a difference. */
  repeat(difference: Difference): string;
}

/** The lines that tell what differs; none where nothing does. */
export function differenceLines(failures: readonly Failure[], view: DifferenceView): string[] {
  const all = differences(failures);
  if (all.length === 0) return [];
  const shown = all.slice(0, view.most);
  const rest = all.length - shown.length;
  return [
    view.colours.red(`${counted(all.length, 'difference')}${rest > 0 ? `, the first ${shown.length}` : ''}:`),
    ...shown.flatMap((one) => ['', ...differenceBlock(one, view)]),
    ...(rest > 0 ? ['', `and ${counted(rest, 'more difference')}`] : []),
  ];
}

function differenceBlock(one: Difference, view: DifferenceView): string[] {
  const { width } = view;
  const operation = one.step === undefined ? undefined : view.operationOf(one.id, one.step);
  const where =
    one.step === undefined ? '' : `, step ${one.step}${operation === undefined ? '' : ` ${operation}`}`;
  const on = one.variants.length === 0 ? '' : ` on ${one.variants.join(', ')}`;
  return [
    ...wrap(`  ${one.id}${where}${on}`, width, 4),
    ...one.fields.flatMap((field) => wrap(`    ${fieldText(field)}`, width, 6)),
    ...commandLines(view.repeat(one), width, 4).map((line) => view.colours.dim(line)),
  ];
}

/** The lines that tell what was not run and why; none where everything was. */
export function skipLines(skips: readonly Skip[], width: number): string[] {
  return skipGroups(skips).flatMap(({ reason, ids, variants }) => {
    const on = variants.length === 0 ? '' : ` on ${variants.join(', ')}`;
    const what = ids.length === 1 ? ids[0] : counted(ids.length, 'case');
    return wrap(`skipped: ${what}${on}: ${reason}`, width, 2);
  });
}
