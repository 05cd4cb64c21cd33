/**
 * A workload on two variants beside each other, aligned by step. Lines that only one variant has are marked, `<` left
 * and `>` right. Of what is the same on both only the surroundings of a difference are shown; the rest is counted.
 */
import type { TracedCase } from '@iommu-lab/comparison';
import type { Case } from '@iommu-lab/conformance';
import type { Colours } from '../../terminal/colours';
import { wrap } from '../../terminal/width';
import { counted } from '../tally-text';
import { type AlignedRow, align } from './align';
import { type EventLine, eventLines, folded } from './lines';
import { coloured } from './one';
import { endDifferences, stepDifferences, stepHead } from './step-head';

/** Between the columns: a blank, the mark, a blank. */
const GUTTER = 3;

/** Equal lines that are shown before and after what differs. */
const CONTEXT = 3;

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
  const runs = runsOf(rows);
  if (runs.length === 1 && runs[0]?.same) {
    return [view.colours.dim(`  the same on both: ${counted(rows.length, 'line')}`)];
  }
  return runs.flatMap(({ same, rows: run }) => {
    if (!same || run.length <= 2 * CONTEXT + 1) return run.flatMap((row) => rowLines(row, view));
    const between = `  ... ${counted(run.length - 2 * CONTEXT, 'line')} the same on both`;
    return [
      ...run.slice(0, CONTEXT).flatMap((row) => rowLines(row, view)),
      view.colours.dim(between),
      ...run.slice(-CONTEXT).flatMap((row) => rowLines(row, view)),
    ];
  });
}

type Row = AlignedRow<EventLine>;

/** Neighbouring rows of which all are the same on both sides, or none. */
function runsOf(rows: readonly Row[]): { same: boolean; rows: Row[] }[] {
  const runs: { same: boolean; rows: Row[] }[] = [];
  for (const row of rows) {
    const same = row.left !== null && row.right !== null;
    const last = runs.at(-1);
    if (last?.same === same) last.rows.push(row);
    else runs.push({ same, rows: [row] });
  }
  return runs;
}

function rowLines(row: Row, { column, colours }: View): string[] {
  const [a, b] = [row.left, row.right].map((line) => (line === null ? [] : columnText(line, column)));
  const mark = row.right === null ? '<' : row.left === null ? '>' : ' ';
  return beside(a ?? [], b ?? [], mark, column).map((text) => {
    if (mark === '<') return colours.red(text);
    if (mark === '>') return colours.green(text);
    return row.left === null ? text : coloured(text, row.left, colours);
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
