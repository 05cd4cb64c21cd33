/** Tables for terminals: no frames, so that they can be cut with other tools and pasted into a mail. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { wrap } from '../terminal/width';

export interface Column {
  /** May hold line breaks. */
  readonly head: string;
  readonly align: 'left' | 'right';
}

const NO_FRAME = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** The lines of a table: header, a rule, rows. Cells may hold colour; a row may have several lines. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  gap = 2,
): string[] {
  const table = new Table({
    chars: NO_FRAME,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [] },
    colAligns: columns.map((column) => column.align),
  });
  table.push(
    columns.map((column) => ({ content: column.head, vAlign: 'bottom' as const })),
    ...rows.map((row) => [...row]),
  );
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const headLines = Math.max(...columns.map(({ head }) => head.split('\n').length));
  const rule = '-'.repeat(Math.max(...lines.map(shownLength)));
  return [...lines.slice(0, headLines), rule, ...lines.slice(headLines)];
}

/** How many characters a line takes on the screen. */
function shownLength(line: string): number {
  return stripVTControlCharacters(line).length;
}

/**
 * As `textTable`, with the last column broken into lines so that all fits into `width`. The other columns must leave
 * room for it.
 */
export function fittedTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const last = columns.length - 1;
  const others = widthOfTable(
    columns.slice(0, last),
    rows.map((row) => row.slice(0, last)),
  );
  const room = Math.max(width - others - 2, 20);
  return textTable(
    columns,
    rows.map((row) => [...row.slice(0, last), wrap(row[last] ?? '', room).join('\n')]),
  );
}

/** How wide a table of these columns would be. */
export function widthOfTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  gap = 2,
): number {
  return Math.max(...textTable(columns, rows, gap).map(shownLength));
}
