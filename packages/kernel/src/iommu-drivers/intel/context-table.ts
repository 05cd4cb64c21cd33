/** The context tables of a unit, one for each bus, made when they are first looked for. `@kernel iommu_context_addr` */
import { vtd } from '@iommu-lab/core';
import type { IntelIommu } from './iommu';

/** Page of the table that holds a requester id's entry. */
export function contextTable({ machine, rootTable }: IntelIommu, requesterId: number): number {
  const { memory } = machine;
  const bus = requesterId >> 8;
  const present = memory.readEntry(rootTable, bus * 2);
  if (present !== 0n) return Number(present >> 12n);
  const table = memory.allocateTable();
  const entry = vtd.rootEntry(table);
  memory.writeEntry(rootTable, bus * 2, entry.low);
  memory.writeEntry(rootTable, bus * 2 + 1, entry.high);
  return table;
}
