/** One failing case in words: its clause, each step that differs, what is left over, and the commands that repeat it. */
import type { Case, CaseResult } from '@iommu-lab/conformance';
import { clauseText } from '../clauses';
import type { Colours } from '../terminal/colours';
import { wrap } from '../terminal/width';
import { fieldText, valueText } from './differences';
import { commandLines, shellWord } from './repeat';
import { counted } from './tally-text';

/** After a first difference most others follow from it. */
const MOST_STEPS = 5;

export interface CaseView {
  readonly width: number;
  readonly colours: Colours;
}

/** The lines; none where the case holds or was skipped. */
export function caseLines(one: Case, result: CaseResult, { width, colours }: CaseView): string[] {
  const wrong = wrongLines(result, width);
  if (result.skipped !== null || wrong.length === 0) return [];
  const id = `${result.machine}/${result.case}`;
  const title = one.title === one.id ? '' : `: ${one.title}`;
  const clauses = clauseText(one);
  const clause = clauses === '' ? '' : ` (${clauses})`;
  const again = `iommu-lab conform ${result.variant} --case ${shellWord(id)}`;
  return [
    ...wrap(`${id}${clause}${title}`, width, 2).map(colours.red),
    ...wrong,
    ...commandLines(again, width, 2).map(colours.dim),
  ];
}

function wrongLines(result: CaseResult, width: number): string[] {
  const shown = result.failures.slice(0, MOST_STEPS);
  const rest = result.failures.length - shown.length;
  return [
    ...shown.flatMap(({ step, op, differences }) => [
      ...wrap(`  step ${step} ${op}`, width, 4),
      ...differences.flatMap(({ field, expected, actual }) => {
        const text = fieldText({ field, expected: valueText(expected), seen: valueText(actual) });
        return wrap(`    ${text}`, width, 6);
      }),
    ]),
    ...(rest > 0 ? [`  and ${counted(rest, 'more step')}`] : []),
    ...result.audit.flatMap((leftover) => wrap(`  left over at the end: ${leftover}`, width, 4)),
    ...result.violations.flatMap(({ kind, at, message }) => wrap(`  ${kind} in ${at}: ${message}`, width, 4)),
  ];
}
