/** Atomic steps on an address space: mapping, unmapping, copying, and the user's own loads and stores. */
import { AccessKind, type OperationKind, type PendingOperation, type Step } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
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
};
const UNMAP: OperationKind = {
  name: 'unmap_region',
  enabled: null,
  execute: (p) => (p.target as Mm).removeArea((p.argument as Range).firstPage, (p.argument as Range).pages),
};
const COPY: OperationKind = {
  name: 'dup_mmap',
  enabled: null,
  execute: (p) => (p.target as Mm).copyFrom(p.argument as Mm),
};
const READ: OperationKind = {
  name: 'user_load',
  enabled: null,
  execute: (p) => (p.target as Mm).readBytes((p.argument as Transfer).vaddr, (p.argument as Transfer).bytes),
};
const FILL: OperationKind = {
  name: 'user_store',
  enabled: null,
  execute: (p) => {
    const { vaddr, lengthBytes, byte } = p.argument as Fill;
    return (p.target as Mm).fillBytes(vaddr, lengthBytes, byte);
  },
};

function begin(kind: OperationKind, mm: Mm, range: Range, frames: AccessKind): PendingOperation {
  const pending = mm.world.begin(kind, mm);
  pending.owner = mm;
  if (mm.world.mode === 'search') declare(pending, mm, range, frames);
  return pending;
}

/** The page table, the allocator where it is changed, and each frame. */
function declare(pending: PendingOperation, mm: Mm, range: Range, frames: AccessKind): void {
  const { locations } = mm.kernel;
  const touched = mm.framesIn(range.firstPage, range.pages);
  const changes = frames === AccessKind.WRITE || touched.length < range.pages;
  pending.accesses.add(locations.of(`${mm.label}.pages`), changes ? AccessKind.WRITE : AccessKind.READ);
  if (changes) pending.accesses.add(locations.of('frames'), AccessKind.WRITE);
  for (const frame of touched) pending.accesses.add(locations.of(`frame${frame}`), frames);
  pending.accesses.add(mm.lifeLocation, AccessKind.READ);
}

function rangeOf(vaddr: bigint, lengthBytes: number): Range {
  const firstPage = Number(vaddr >> 12n);
  const last = Number((vaddr + BigInt(Math.max(lengthBytes, 1)) - 1n) >> 12n);
  return { firstPage, pages: last - firstPage + 1 };
}

/** Adds an area in place of whatever lay there. */
export function mapStep(mm: Mm, area: MemoryArea): Step<void> {
  begin(MAP, mm, area, AccessKind.WRITE).argument = area;
  return mm.world.submit();
}

/** Removes a run of pages from all areas. */
export function unmapStep(mm: Mm, firstPage: number, pages: number): Step<void> {
  const range = { firstPage, pages };
  begin(UNMAP, mm, range, AccessKind.WRITE).argument = range;
  return mm.world.submit();
}

/** Copies `source` into an empty address space. ENOMEM. */
export function copyStep(mm: Mm, source: Mm): Step<0 | Errno> {
  const pending = begin(COPY, mm, { firstPage: 0, pages: 0 }, AccessKind.WRITE);
  pending.argument = source;
  if (mm.world.mode === 'search') {
    const { locations } = mm.kernel;
    pending.accesses.add(locations.of(`${source.label}.pages`), AccessKind.READ);
    for (const frame of source.allFrames())
      pending.accesses.add(locations.of(`frame${frame}`), AccessKind.READ);
  }
  return mm.world.submit();
}

/** Fills `bytes` from user memory. EFAULT, ENOMEM. */
export function userLoad(mm: Mm, vaddr: bigint, bytes: Uint8Array): Step<0 | Errno> {
  begin(READ, mm, rangeOf(vaddr, bytes.length), AccessKind.READ).argument = { vaddr, bytes };
  return mm.world.submit();
}

/** Fills user memory with one byte. EFAULT, ENOMEM. */
export function userFill(mm: Mm, vaddr: bigint, lengthBytes: number, byte: number): Step<0 | Errno> {
  begin(FILL, mm, rangeOf(vaddr, lengthBytes), AccessKind.WRITE).argument = { vaddr, lengthBytes, byte };
  return mm.world.submit();
}
