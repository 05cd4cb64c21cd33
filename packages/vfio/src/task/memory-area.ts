/** A mapping in an address space: a run of user pages with one protection and one kind of backing. */
import type { PendingOperation } from '@iommu-lab/explorer';
import type { OpenFile } from '../files/open-file';

/** Pages of a device behind a mapping. */
export interface DeviceMemory {
  /** The open file that the mapping keeps open, or null where none does (a sysfs resource). */
  readonly file: OpenFile | null;
  /** Address of the PCI function. */
  readonly function: string;
  /** Physical page behind the mapping's first page. */
  readonly physicalPage: number;
  /** Offset of the mapping's first page in the device's BAR, in bytes. */
  readonly barOffset: number;
  /** Whether the device answers, as part of the running step: without it an access is a bus error. */
  enabled(): boolean;
  /** Declares what `enabled` looks at, for an operation that will call it. */
  declareEnabled(pending: PendingOperation): void;
}

export interface MemoryArea {
  readonly firstPage: number;
  readonly pages: number;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Anonymous memory that may lie in frames of 2 MiB. */
  readonly hugePages: boolean;
  /** Null: anonymous memory. */
  readonly device: DeviceMemory | null;
}

/** What of `area` lies outside of the run of pages, in up to two pieces. */
export function withoutPages(area: MemoryArea, firstPage: number, pages: number): MemoryArea[] {
  const end = area.firstPage + area.pages;
  const cutEnd = firstPage + pages;
  if (cutEnd <= area.firstPage || firstPage >= end) return [area];
  const rest: MemoryArea[] = [];
  if (firstPage > area.firstPage) rest.push({ ...area, pages: firstPage - area.firstPage });
  if (cutEnd < end) {
    const skipped = cutEnd - area.firstPage;
    rest.push({ ...area, firstPage: cutEnd, pages: end - cutEnd, device: shifted(area.device, skipped) });
  }
  return rest;
}

function shifted(device: DeviceMemory | null, pages: number): DeviceMemory | null {
  if (device === null) return null;
  return {
    file: device.file,
    function: device.function,
    physicalPage: device.physicalPage + pages,
    barOffset: device.barOffset + pages * 4096,
    enabled: () => device.enabled(),
    declareEnabled: (pending) => device.declareEnabled(pending),
  };
}
