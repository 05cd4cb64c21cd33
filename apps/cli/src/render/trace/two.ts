/**
 * A workload on two variants beside each other, aligned by step. A step in which the same happens on both is one line;
 * of the others every line is shown, marked `<` where only the left variant has it and `>` where only the right one.
 */
import type { TracedCase } from '@iommu-lab/comparison';
import type { Case } from '@iommu-lab/conformance';
import type { Colours } from '../../terminal/colours';
import { wrap } from '../../terminal/width';
import { counted } from '../tally-text';
import { align } from './align';
import { type EventLine, eventLines, folded } from './lines';
import { coloured } from './one';
import { endDifferences, stepDifferences, stepHead } from './step-head';

/** Between the columns: a blank, the mark, a blank. */
const GUTTER = 3;

/** The lines of both traces. Precondition: both are of this case. */
export function traceTwo(
  one: Case,
  [left, right]: readonly [TracedCase, TracedCase],
  width: number,
  colours: Colours,
): string[] {
  const column = Math.floor((width - GUTTER) / 2);
  const view: View = { column, colours };
  const head = beside(wrap(left.variant, column), wrap(right.variant, column), ' ', column).map(colours.bold);
  const steps = one.steps.flatMap((step, index) => [
    ...stepHead(step, index, width).map(colours.bold),
    ...wrongRows(stepDifferences(left.result, index), stepDifferences(right.result, index), view),
    ...stepRows(linesOf(left, index), linesOf(right, index), view),
  ]);
  const end = wrongRows(endDifferences(left.result), endDifferences(right.result), view);
  return [...head, ...steps, ...end];
}

interface View {
  readonly column: number;
  readonly colours: Colours;
}

function linesOf(traced: TracedCase, index: number): EventLine[] {
  return folded(eventLines(traced.steps[index]?.events ?? []));
}

const sameText = (a: EventLine, b: EventLine): boolean => a.text === b.text;

function stepRows(left: readonly EventLine[], right: readonly EventLine[], view: View): string[] {
  const rows = align(left, right, sameText);
  if (rows.every((row) => row.left !== null && row.right !== null)) {
    return rows.length === 0 ? [] : [view.colours.dim(`  the same on both: ${counted(rows.length, 'line')}`)];
  }
  return rows.flatMap((row) => {
    const mark = row.right === null ? '<' : row.left === null ? '>' : ' ';
    const [a, b] = [row.left, row.right].map((line) => (line === null ? [] : columnText(line, view.column)));
    return beside(a ?? [], b ?? [], mark, view.column).map((text) => {
      if (mark === '<') return view.colours.red(text);
      if (mark === '>') return view.colours.green(text);
      return row.left === null ? text : coloured(text, row.left, view.colours);
    });
  });
}

function columnText({ depth, text }: EventLine, column: number): string[] {
  const indent = Math.min(1 + depth, Math.floor(column / 3));
  return wrap(' '.repeat(indent) + text, column, indent + 2);
}

function wrongRows(left: readonly string[], right: readonly string[], { column, colours }: View): string[] {
  const cell = (texts: readonly string[]) => texts.flatMap((text) => wrap(`! ${text}`, column, 2));
  return beside(cell(left), cell(right), ' ', column).map(colours.red);
}

/** Two blocks of lines next to each other. The mark stands in the first row. */
function beside(left: readonly string[], right: readonly string[], mark: string, column: number): string[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, k) =>
    `${(left[k] ?? '').padEnd(column)} ${k === 0 ? mark : ' '} ${right[k] ?? ''}`.trimEnd(),
  );
}
