/**
 * Atomic steps on an address space: mapping, unmapping, copying, tearing down, and the user's own loads and stores.
 *
 * Each declares the areas, the table of frames, the references of the frames that it takes or drops and the pages that
 * it reads, writes or frees. What it allocates it finds out as it goes.
 */
import { AccessKind, type OperationKind, type PendingOperation, type Step } from '@iommu-lab/explorer';
import { declare, type Errno } from '@iommu-lab/kernel';
import type { MemoryArea } from './memory-area';
import type { Mm } from './mm';

interface Range {
  readonly firstPage: number;
  readonly pages: number;
}

/** Bytes of user memory that a step reads or writes. */
interface Transfer {
  readonly vaddr: bigint;
  readonly bytes: Uint8Array;
}

interface Fill {
  readonly vaddr: bigint;
  readonly lengthBytes: number;
  readonly byte: number;
}

const MAP: OperationKind = {
  name: 'vma_link',
  enabled: null,
  execute: (p) => (p.target as Mm).addArea(p.argument as MemoryArea),
  declare: (p) => declareChange(p, p.argument as MemoryArea),
};
const UNMAP: OperationKind = {
  name: 'unmap_region',
  enabled: null,
  execute: (p) => (p.target as Mm).removeArea((p.argument as Range).firstPage, (p.argument as Range).pages),
  declare: (p) => declareChange(p, p.argument as Range),
};
const TEAR_DOWN: OperationKind = {
  name: 'exit_mmap',
  enabled: null,
  execute: (p) => (p.target as Mm).removeAllAreas(),
  declare: (p) => declareDropped(p, (p.target as Mm).allFrames()),
};
const COPY: OperationKind = {
  name: 'dup_mmap',
  enabled: null,
  execute: (p) => (p.target as Mm).copyFrom(p.argument as Mm),
  declare: (p) => declareCopy(p, p.argument as Mm),
};
const READ: OperationKind = {
  name: 'user_load',
  enabled: null,
  execute: (p) => (p.target as Mm).readBytes((p.argument as Transfer).vaddr, (p.argument as Transfer).bytes),
  declare: (p) => {
    const { vaddr, bytes } = p.argument as Transfer;
    declareUse(p, p.target as Mm, rangeOf(vaddr, bytes.length), AccessKind.READ);
  },
};
const FILL: OperationKind = {
  name: 'user_store',
  enabled: null,
  execute: (p) => {
    const { vaddr, lengthBytes, byte } = p.argument as Fill;
    return (p.target as Mm).fillBytes(vaddr, lengthBytes, byte);
  },
  declare: (p) => {
    const { vaddr, lengthBytes } = p.argument as Fill;
    declareUse(p, p.target as Mm, rangeOf(vaddr, lengthBytes), AccessKind.WRITE);
  },
};

/** The areas change, and with them goes what lies in the range. */
function declareChange(pending: PendingOperation, { firstPage, pages }: Range): void {
  declareDropped(pending, (pending.target as Mm).framesIn(firstPage, pages));
}

function declareDropped(pending: PendingOperation, frames: readonly number[]): void {
  const mm = pending.target as Mm;
  mm.declareTables(pending, AccessKind.WRITE, frames.length > 0 ? AccessKind.WRITE : AccessKind.READ);
  for (const frame of frames) mm.references.declareDrop(pending, frame);
}

function declareCopy(pending: PendingOperation, source: Mm): void {
  (pending.target as Mm).declareTables(pending, AccessKind.WRITE, AccessKind.WRITE);
  source.declareTables(pending, AccessKind.READ, AccessKind.READ);
  for (const frame of source.allFrames()) {
    declare(pending, source.kernel.locations.pages.of(frame), AccessKind.READ);
  }
}

/** User memory is read or written; pages that were not touched before get frames. */
function declareUse(pending: PendingOperation, mm: Mm, range: Range, access: AccessKind): void {
  for (const frame of mm.declareResolve(pending, range.firstPage, range.pages)) {
    declare(pending, mm.kernel.locations.pages.of(frame), access);
  }
}

function begin(kind: OperationKind, mm: Mm): PendingOperation {
  const pending = mm.world.begin(kind, mm);
  pending.owner = mm;
  return pending;
}

function rangeOf(vaddr: bigint, lengthBytes: number): Range {
  const firstPage = Number(vaddr >> 12n);
  const last = Number((vaddr + BigInt(Math.max(lengthBytes, 1)) - 1n) >> 12n);
  return { firstPage, pages: last - firstPage + 1 };
}

/** Adds an area in place of whatever lay there. */
export function mapStep(mm: Mm, area: MemoryArea): Step<void> {
  begin(MAP, mm).argument = area;
  return mm.world.submit();
}

/** Removes a run of pages from all areas. */
export function unmapStep(mm: Mm, firstPage: number, pages: number): Step<void> {
  const range: Range = { firstPage, pages };
  begin(UNMAP, mm).argument = range;
  return mm.world.submit();
}

/** Removes all areas. `@kernel exit_mmap` */
export function tearDownStep(mm: Mm): Step<void> {
  begin(TEAR_DOWN, mm);
  return mm.world.submit();
}

/** Copies `source` into an empty address space. ENOMEM. */
export function copyStep(mm: Mm, source: Mm): Step<0 | Errno> {
  begin(COPY, mm).argument = source;
  return mm.world.submit();
}

/** Fills `bytes` from user memory. EFAULT, ENOMEM. */
export function userLoad(mm: Mm, vaddr: bigint, bytes: Uint8Array): Step<0 | Errno> {
  const transfer: Transfer = { vaddr, bytes };
  begin(READ, mm).argument = transfer;
  return mm.world.submit();
}

/** Fills user memory with one byte. EFAULT, ENOMEM. */
export function userFill(mm: Mm, vaddr: bigint, lengthBytes: number, byte: number): Step<0 | Errno> {
  const fill: Fill = { vaddr, lengthBytes, byte };
  begin(FILL, mm).argument = fill;
  return mm.world.submit();
}
