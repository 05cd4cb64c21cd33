/** The main table on a terminal: one row a design. On a wide terminal the entry points follow by name. */
import type { ResultRow, Results } from '@iommu-lab/conformance';
import type { Colours } from '../terminal/colours';
import { wrap } from '../terminal/width';
import { allEntryPoints, blackoutText, costOf, declaredSteps, hazardsText } from './design-rows';
import { declaredText, equalOfAll } from './tally-text';
import { type Column, textTable } from './text-table';
import { variantColumns } from './variant-columns';

/** From this width on the entry points are named. */
const WIDE = 110;

const COLUMNS: readonly Column[] = [
  { head: 'design', align: 'left' },
  { head: 'recorded\nkernels', align: 'right' },
  { head: 'own work-\nloads', align: 'right' },
  { head: 'haz-\nards', align: 'right' },
  { head: 'entry\npoints', align: 'right' },
  { head: 'locks\ntaken', align: 'right' },
  { head: 'steps\nheld', align: 'right' },
  { head: 'inva-\nlida-\ntions', align: 'right' },
  { head: 'black-\nout', align: 'right' },
];

/** The lines of the table and of what its columns mean. */
export function designTable(results: Results, width: number, colours: Colours): string[] {
  const rows = results.rows.map((row) => {
    const cost = costOf(row);
    const equal = [row.conformance, row.workloads].map((tally) => {
      const text = equalOfAll(tally);
      return tally.differing > 0 ? colours.red(text) : text;
    });
    const counts = [
      hazardsText(row),
      row.entryPoints.length,
      cost.lockAcquisitions,
      cost.stepsHeld,
      cost.invalidations,
    ];
    return [colours.bold(row.variant), ...equal, ...counts.map(String), blackoutText(row)];
  });
  const kernels = results.profiles.map(({ id }) => id).join(', ');
  return [
    ...textTable(COLUMNS, rows, width >= WIDE ? 2 : 1),
    '',
    ...wrap(
      `recorded kernels, own workloads: steps that answer as they should, of all (${kernels})`,
      width,
      2,
    ),
    ...results.rows.flatMap((row) => declaredLines(row, width)),
    ...wrap(
      'hazards: those that the design lets happen at kernel 6.12, of those that were judged for each design' +
        ' (more: show hazards)',
      width,
      2,
    ),
    ...results.rows.flatMap((row) => safetyLines(row, width)),
    ...wrap('entry points: functions of the IOMMU core that VFIO calls through the design', width, 2),
    ...wrap(
      'locks, steps held, invalidations: what a join, a move and a leave cost together in the model',
      width,
      2,
    ),
    ...wrap(
      'blackout: steps without DMA while a group is moved to another domain; * only while the driver' +
        ' rewrites its entries (more: show traffic)',
      width,
      2,
    ),
    ...(width >= WIDE ? ['', ...entryPointTable(results, width)] : []),
  ];
}

/** Which hazards they are, and the worst of them. */
function safetyLines({ variant, safety }: ResultRow, width: number): string[] {
  if (safety === null || safety.worst === null) return [];
  return wrap(
    `${variant}: ${safety.reachable.join(', ')}; the worst: iommu-lab replay ${safety.worst}`,
    width,
    2,
  );
}

/** What of a row's missing steps the design declares. */
function declaredLines(row: ResultRow, width: number): string[] {
  const declared = declaredSteps(row);
  if (declared === 0) return [];
  return wrap(`${row.variant}: ${declaredText(declared)} (iommu-lab show ${row.variant})`, width, 2);
}

/** Which design calls which entry point. */
export function entryPointTable(results: Results, width: number): string[] {
  const names = allEntryPoints(results.rows);
  const called = new Map(results.rows.map((row) => [row.variant, new Set(row.entryPoints)]));
  return variantColumns({
    head: 'entry point',
    variants: results.rows.map((row) => row.variant),
    rows: names.map((name) => ({
      head: name,
      cells: results.rows.map((row) => (called.get(row.variant)?.has(name) ? 'x' : '')),
    })),
    width,
  });
}
