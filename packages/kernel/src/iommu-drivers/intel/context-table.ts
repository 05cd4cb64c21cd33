/** The context tables of a unit, one for each bus, made when they are first looked for. `@kernel iommu_context_addr` */
import { vtd } from '@iommu-lab/core';
import type { IntelIommu } from './iommu';

/** Page of the table that holds a requester id's entry; -1 where there is none. */
export function findContextTable({ machine, rootTable }: IntelIommu, requesterId: number): number {
  const present = machine.memory.readEntry(rootTable, (requesterId >> 8) * 2);
  return present === 0n ? -1 : Number(present >> 12n);
}

/** The same; made where absent. */
export function contextTable(instance: IntelIommu, requesterId: number): number {
  const found = findContextTable(instance, requesterId);
  if (found >= 0) return found;
  const { rootTable } = instance;
  const { memory } = instance.machine;
  const bus = requesterId >> 8;
  const table = memory.allocateTable();
  const entry = vtd.rootEntry(table);
  memory.writeEntry(rootTable, bus * 2, entry.low);
  memory.writeEntry(rootTable, bus * 2 + 1, entry.high);
  return table;
}
