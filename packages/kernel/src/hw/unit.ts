/** Atomic steps on a VT-d unit: context entries in memory and invalidation descriptors. */
import { formatPciAddress, hex, type VtdFault, vtd } from '@iommu-lab/core';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from '@iommu-lab/explorer';
import { contextTable, findContextTable } from '../iommu-drivers/intel/context-table';
import type { IntelIommu } from '../iommu-drivers/intel/iommu';
import { declare } from './locations';

/** What a context entry says. Null: not present. */
export interface ContextEntry {
  readonly tablePage: number;
  readonly passThrough: boolean;
  readonly addressWidth: 1 | 2 | 3;
  readonly domainId: number;
}

const WRITE_CONTEXT: OperationKind = {
  name: 'hw.write_context',
  enabled: null,
  execute: (p) => writeContext(p),
  declare: (p) => declareContextWrite(p),
  describe: (p) => {
    const entry = p.argument as ContextEntry | null;
    return `${requester(p.number0)} ${entry === null ? 'cleared' : `domain ${entry.domainId}`}`;
  },
};
const READ_CONTEXT: OperationKind = {
  name: 'hw.read_context',
  enabled: null,
  execute: (p) => readContext(p),
  declare: (p) => declareContextRead(p, AccessKind.READ),
  describe: (p) => requester(p.number0),
};
const INVALIDATE_CONTEXT: OperationKind = {
  name: 'hw.invalidate_context',
  enabled: null,
  execute: (p) => submit(p, vtd.contextInvalidate(p.number0, p.number1, 0)),
  declare: (p) => {
    const { locations } = (p.target as IntelIommu).kernel;
    declareInvalidation(p, locations.cachedContexts.of(p.number1));
  },
  describe: (p) => `${requester(p.number1)} domain ${p.number0}`,
};
const INVALIDATE_DOMAIN: OperationKind = {
  name: 'hw.invalidate_iotlb_domain',
  enabled: null,
  execute: (p) => submit(p, vtd.iotlbInvalidate(p.number0)),
  declare: (p) => declareTranslationsDropped(p),
  describe: (p) => `domain ${p.number0}`,
};
const INVALIDATE_RANGE: OperationKind = {
  name: 'hw.invalidate_iotlb_range',
  enabled: null,
  execute: (p) =>
    submit(
      p,
      vtd.iotlbInvalidate(p.number0, {
        iovaPage: p.number1,
        pagesLog2: p.number2,
        leafOnly: p.number3 === 1,
      }),
    ),
  declare: (p) => declareTranslationsDropped(p),
  describe: (p) => `domain ${p.number0} iova ${hex(BigInt(p.number1) << 12n)} pages ${2 ** p.number2}`,
};

/** A requester id as `bus:device.function`. */
function requester(id: number): string {
  return formatPciAddress({ segment: 0, bus: id >> 8, devfn: id & 0xff }).slice(5);
}

interface Descriptor {
  readonly low: bigint;
  readonly high: bigint;
}

function submit(pending: PendingOperation, descriptor: Descriptor): number {
  return (pending.target as IntelIommu).unit.submit(descriptor.low, descriptor.high);
}

function declareContextRead(pending: PendingOperation, kind: AccessKind): void {
  const instance = pending.target as IntelIommu;
  const { locations } = instance.kernel;
  declare(pending, locations.contexts.of(pending.number0), kind);
  // The first entry of a bus comes with a table, which changes what is read for all requesters of the bus.
  const makesTable = kind === AccessKind.WRITE && findContextTable(instance, pending.number0) < 0;
  declare(pending, locations.contextReads, makesTable ? AccessKind.WRITE : AccessKind.READ);
}

function declareContextWrite(pending: PendingOperation): void {
  declareContextRead(pending, AccessKind.WRITE);
  declare(pending, (pending.target as IntelIommu).kernel.locations.contextWrites, AccessKind.INCREMENT);
}

function declareTranslationsDropped(pending: PendingOperation): void {
  const { locations } = (pending.target as IntelIommu).kernel;
  declareInvalidation(pending, locations.domainCaches.of(pending.number0));
}

/** Invalidations commute with each other; one conflicts with DMA that looks at what it drops, and with DMA to its queue. */
function declareInvalidation(pending: PendingOperation, dropped: number): void {
  const instance = pending.target as IntelIommu;
  declare(pending, dropped, AccessKind.INCREMENT);
  declare(pending, instance.kernel.locations.pages.of(instance.queuePage), AccessKind.INCREMENT);
}

function writeContext(pending: PendingOperation): void {
  const instance = pending.target as IntelIommu;
  const memory = instance.machine.memory;
  const entry = pending.argument as ContextEntry | null;
  const table = contextTable(instance, pending.number0);
  const index = (pending.number0 & 0xff) * 2;
  if (entry === null) {
    memory.writeEntry(table, index, 0n);
    memory.writeEntry(table, index + 1, 0n);
    return;
  }
  const bits = vtd.contextEntry({
    tablePage: entry.tablePage,
    translationType: entry.passThrough ? 2 : 0,
    addressWidth: entry.addressWidth,
    domainId: entry.domainId,
  });
  // The high word first: the entry becomes present with its low word.
  memory.writeEntry(table, index + 1, bits.high);
  memory.writeEntry(table, index, bits.low);
}

function readContext(pending: PendingOperation): number {
  const instance = pending.target as IntelIommu;
  const memory = instance.machine.memory;
  const table = findContextTable(instance, pending.number0);
  if (table < 0) return -1;
  const index = (pending.number0 & 0xff) * 2;
  const decoded = vtd.decodeContextEntry(memory.readEntry(table, index), memory.readEntry(table, index + 1));
  return decoded.present ? decoded.domainId : -1;
}

/** Writes the context entry of a requester id in memory. What the unit has cached of it stays until invalidated. */
export function hwWriteContext(
  instance: IntelIommu,
  requesterId: number,
  entry: ContextEntry | null,
): Step<void> {
  const pending = instance.world.begin(WRITE_CONTEXT, instance);
  pending.number0 = requesterId;
  pending.argument = entry;
  return instance.world.submit();
}

/** The domain id in the context entry of a requester id, or -1 where it is not present. */
export function hwReadContext(instance: IntelIommu, requesterId: number): Step<number> {
  const pending = instance.world.begin(READ_CONTEXT, instance);
  pending.number0 = requesterId;
  return instance.world.submit();
}

/** Drops the cached context entry of one requester id, tagged with the domain id it had. */
export function hwInvalidateContext(instance: IntelIommu, domainId: number, requesterId: number): Step<void> {
  const pending = instance.world.begin(INVALIDATE_CONTEXT, instance);
  pending.number0 = domainId;
  pending.number1 = requesterId;
  return instance.world.submit();
}

/** Drops every cached translation of a domain id. */
export function hwInvalidateDomain(instance: IntelIommu, domainId: number): Step<void> {
  const pending = instance.world.begin(INVALIDATE_DOMAIN, instance);
  pending.number0 = domainId;
  return instance.world.submit();
}

/** Drops the cached translations of 2^pagesLog2 pages; `leafOnly` keeps what is cached of the tables above. */
export function hwInvalidateRange(
  instance: IntelIommu,
  domainId: number,
  iovaPage: number,
  pagesLog2: number,
  leafOnly: boolean,
): Step<void> {
  const pending = instance.world.begin(INVALIDATE_RANGE, instance);
  pending.number0 = domainId;
  pending.number1 = iovaPage;
  pending.number2 = pagesLog2;
  pending.number3 = leafOnly ? 1 : 0;
  return instance.world.submit();
}

const TAKE_FAULTS: OperationKind = {
  name: 'hw.take_faults',
  enabled: null,
  execute: (p) => (p.target as IntelIommu).unit.takeFaults(),
  declare: (p) => declare(p, (p.target as IntelIommu).kernel.locations.faults, AccessKind.WRITE),
};

/** Takes the recorded faults, oldest first. `@kernel dmar_fault` */
export function hwTakeFaults(instance: IntelIommu): Step<readonly VtdFault[]> {
  instance.world.begin(TAKE_FAULTS, instance);
  return instance.world.submit();
}
