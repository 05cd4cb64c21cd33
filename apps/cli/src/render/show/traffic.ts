/** What `show traffic` says: what came of DMA while a group changed domains, workload by workload. */
import type { TrafficReport, TrafficResult } from '@iommu-lab/conformance';
import { wrap } from '../../terminal/width';
import { type Column, textTable } from '../text-table';

const COLUMNS: readonly Column[] = [
  { head: 'design', align: 'left' },
  { head: 'device', align: 'left' },
  { head: 'old', align: 'right' },
  { head: 'new', align: 'right' },
  { head: 'block-\ned', align: 'right' },
  { head: 'drop-\nped', align: 'right' },
  { head: 'for-\neign', align: 'right' },
  { head: 'black-\nout', align: 'right' },
  { head: 'then on', align: 'left' },
];

const NOTES = [
  'Transactions of each device, one after each step of the call: old and new reached the page of the domain before or' +
    ' after; blocked were refused on the way through another domain or none, dropped while the driver rewrote its' +
    ' entries; foreign reached any other page.',
  'blackout: steps without one that was old or new, - where none followed. then on: the domain that the' +
    ' hardware has the device on, and in brackets what its group says where that differs.',
] as const;

/** The lines: a table for each machine and workload, what the failed calls said and what was violated below it. */
export function trafficLines({ results }: TrafficReport, width: number): string[] {
  const tables = new Map<string, TrafficResult[]>();
  for (const one of results) {
    const evidence = one.evidence === 'read' ? ', read' : '';
    const key = `${one.title} (${one.case}; ${one.machine}, kernel ${one.era}${evidence}, default ${one.defaultDomain})`;
    tables.set(key, [...(tables.get(key) ?? []), one]);
  }
  const blocks = [...tables].flatMap(([head, rows]) => [
    ...wrap(head, width, 2),
    '',
    ...textTable(COLUMNS, rows.flatMap(rowsOf), 1),
    ...rows.flatMap((row) => remarks(row).flatMap((line) => wrap(line, width, 4))),
    '',
  ]);
  return [...blocks, ...NOTES.flatMap((note) => wrap(note, width, 2))];
}

function rowsOf({ variant, devices }: TrafficResult): string[][] {
  return devices.map((one, k) => [
    k === 0 ? variant : '',
    one.device,
    ...[one.old, one.new, one.blocked, one.dropped, one.foreign].map(String),
    one.blackout === null ? '-' : String(one.blackout),
    one.attached === one.domain
      ? (one.attached ?? 'none')
      : `${one.attached ?? 'none'} (${one.domain ?? 'none'})`,
  ]);
}

function remarks({ variant, counterfactual, era, failed, violations }: TrafficResult): string[] {
  const said = failed.map(({ op, errno, nowOn }) => {
    const on = nowOn === undefined ? '' : `, now on ${nowOn ?? 'neither'}`;
    return `  ${variant}: ${op} ${errno ?? 'did not come back'}${on}`;
  });
  const unlike = counterfactual ? [`  ${variant}: counterfactual, kernel ${era} had no such calls`] : [];
  return [...unlike, ...said, ...new Set(violations.map((text) => `  ${variant}: ${text}`))];
}
