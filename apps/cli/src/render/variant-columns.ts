/**
 * Tables with one column a variant. Where not all variants fit beside each other, the table is repeated for the rest:
 * no column is lost and no name is shortened.
 */
import { textTable, widthOfTable } from './text-table';

export interface VariantTable {
  readonly head: string;
  readonly variants: readonly string[];
  readonly rows: readonly { readonly head: string; readonly cells: readonly string[] }[];
  readonly width: number;
}

/** The lines of the table. */
export function variantColumns(table: VariantTable): string[] {
  const lines: string[] = [];
  let first = 0;
  while (first < table.variants.length) {
    let end = table.variants.length;
    while (end > first + 1 && !fits(table, first, end)) end--;
    if (lines.length > 0) lines.push('');
    const { columns, rows } = part(table, first, end);
    lines.push(...textTable(columns, rows));
    first = end;
  }
  return lines;
}

function fits(table: VariantTable, first: number, end: number): boolean {
  const { columns, rows } = part(table, first, end);
  return widthOfTable(columns, rows) <= table.width;
}

function part({ head, variants, rows }: VariantTable, first: number, end: number) {
  return {
    columns: [
      { head, align: 'left' as const },
      ...variants.slice(first, end).map((id) => ({ head: brokenId(id), align: 'left' as const })),
    ],
    rows: rows.map((row) => [row.head, ...row.cells.slice(first, end)]),
  };
}

/** `group-alloc/one-step` over three lines: a column of short cells stays narrow. */
function brokenId(id: string): string {
  return id.replace(/[/-]/g, '$&\n');
}
