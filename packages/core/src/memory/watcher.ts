/**
 * Whoever searches the interleavings of a program over a machine looks over its shoulder here: allocations come from
 * the lane of the thread that makes them, and what a step of the machine touches can be noted.
 *
 * A touch is a part of the machine and up to two numbers that say which one. Reads by the page-table engine are left
 * out: `PageTable.visitTables` says what a call will touch. What is written can be read off the journal.
 */

export const MachinePart = {
  /** The content of a page of memory. a: the page. */
  PAGE: 0,
  /** The context entry of a requester, in memory. a: the requester id. */
  CONTEXT_ENTRY: 1,
  /** The context cache's entry of a requester. a: the requester id. */
  CACHED_CONTEXT: 2,
  /**
   * IOTLB entries under one tag (domain id or requester id). a: the tag, b: an iova page, whose entries of any size are
   * looked for.
   */
  LOOKED_UP_TRANSLATION: 3,
  /** The IOTLB entry that is written. a: the tag, b: as `translationKey` of the entry's first page and level. */
  KEPT_TRANSLATION: 4,
  /** Everything that is cached under a domain id, pointers to tables included. a: the domain id. */
  DOMAIN_CACHES: 5,
  /** The fault log. */
  FAULTS: 6,
  /** The invalidation queue. */
  QUEUE: 7,
  /** Whether a page is allocated, and that it is zeroed when it is. a: the page. */
  ALLOCATION: 8,
  /** A 64-bit entry of a page that software reads by itself. a: the page, b: the index. */
  ENTRY: 9,
  /** Registers, buffer and transfer of a device. a: its segment and requester id, 16 bits each. */
  DEVICE: 10,
} as const;
export type MachinePart = (typeof MachinePart)[keyof typeof MachinePart];

export const Touch = {
  READ: 0,
  WRITE: 1,
  /** An entry is dropped if it is there: in what order several are dropped cannot be seen. */
  DROP: 2,
} as const;
export type Touch = (typeof Touch)[keyof typeof Touch];

export interface MachineWatcher {
  /** The lane of the thread that allocates now, below `lanes`; -1: the lowest free page of all is taken. */
  lane(): number;
  readonly lanes: number;
  touch(part: MachinePart, a: number, b: number, touch: Touch): void;
}

/** Names the IOTLB entry of a level (0: 4 KiB) that covers a page. `unit`: page number divided by the entry's pages. */
export function translationKey(unit: number, level: number): number {
  return unit * 4 + level;
}
