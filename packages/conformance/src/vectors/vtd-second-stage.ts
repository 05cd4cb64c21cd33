/**
 * Vectors of VT-d second-stage tables: operations through core's page table, faults through core's VT-d unit in legacy
 * mode on bare hardware.
 */
import {
  ACCESS_READ,
  ACCESS_WRITE,
  addressOf,
  errnoName,
  hex,
  PageTable,
  PhysicalMemory,
  pageOf,
  type TableEntry,
  VtdUnit,
  vtd,
  vtdSecondStage,
} from '@iommu-lab/core';
import * as v from 'valibot';
import { compareText, type Failure } from './failure';
import { type FaultVector, type TableVector, type VectorEntry, vtdssConfig } from './vector';

/** CAP without widths: fault record at 0x220, page-selective invalidation, 2M and 1G pages. ECAP with the queue. */
const CAPABILITY = 0xd2008c22000006n;
const EXTENDED_CAPABILITY = 0xf00f4an;
const SNOOP_CONTROL = 1n << 7n;
const REQUESTER = 0x18;

function newMemory(): PhysicalMemory {
  return new PhysicalMemory({ ram: [{ start: 0n, lengthBytes: 0x1000000n }], tableArenaBytes: 0x400000 });
}

/** Runs the operations, then compares every entry and every walk. */
export function checkVtdTable(vector: TableVector): Failure[] {
  const { levels, oa, forceSnoop, forceWriteable, nonCoherent } = v.parse(vtdssConfig, vector.config);
  const table = PageTable.create(newMemory(), vtdSecondStage, {
    levels,
    outputBits: oa,
    forceSnoop: forceSnoop === true,
    forceWriteable: forceWriteable === true,
    nonCoherent: nonCoherent === true,
  });
  if (typeof table === 'string') return [{ what: 'config', expected: 'a page table', actual: table }];
  const failures: Failure[] = [];
  vector.ops.forEach((operation, i) => {
    runOperation(table, operation, `ops[${i}] ${operation.op} ${operation.iova}`, failures);
  });
  compareText(failures, 'topLevel', String(vector.expect.topLevel), String(table.levels - 1));
  compareEntries(table, vector.expect.tables, failures);
  vector.expect.walk.forEach((walk, i) => {
    compareText(failures, `walk[${i}] ${walk.iova}`, walkText(walk), seenWalk(table, BigInt(walk.iova)));
  });
  return failures;
}

function runOperation(
  table: PageTable,
  operation: TableVector['ops'][number],
  what: string,
  failures: Failure[],
): void {
  const [iova, size] = [BigInt(operation.iova), BigInt(operation.size)];
  if (operation.op === 'unmap') {
    compareText(failures, what, `unmapped ${operation.unmapped}`, `unmapped ${hex(table.unmap(iova, size))}`);
    return;
  }
  const answer = table.map(iova, BigInt(operation.pa), size, operation.prot);
  const seen = `${answer === 0 ? 0 : errnoName(answer)}, mapped ${hex(addressOf(table.mappedPages))}`;
  compareText(failures, what, `${operation.ret}, mapped ${operation.mapped}`, seen);
}

function compareEntries(table: PageTable, expected: readonly VectorEntry[], failures: Failure[]): void {
  const wanted = new Map(expected.map(([path, index, value]) => [placeText(path, index), value]));
  for (const entry of table.entries()) {
    const place = placeText(entry.path, entry.index);
    compareText(failures, place, wanted.get(place) ?? 'no entry', entryText(entry));
    wanted.delete(place);
  }
  for (const [place, value] of wanted) failures.push({ what: place, expected: value, actual: 'no entry' });
}

function placeText(path: readonly number[], index: number): string {
  return `entry [${path.join(', ')}] ${index}`;
}

function entryText({ entry, isTable, targetPage }: TableEntry): string {
  return isTable ? `T:${hex(entry - addressOf(targetPage))}` : hex(entry);
}

function walkText(walk: TableVector['expect']['walk'][number]): string {
  return walk.pa === null
    ? `${walk.fault} at level ${walk.level}`
    : `${walk.pa} ${walk.perm}, ${walk.pageSize} at level ${walk.level}`;
}

function seenWalk(table: PageTable, iova: bigint): string {
  const result = table.walk(iova);
  return result.physical === null
    ? `${result.fault} at level ${result.level}`
    : `${hex(result.physical)} ${result.permission}, ${hex(result.pageSize)} at level ${result.level}`;
}

/** Builds the image in memory, lets a unit translate the one access, and compares address or fault reason. */
export function checkVtdFault(vector: FaultVector): Failure[] {
  const { levels, va, oa, snoopControl } = v.parse(vtdssConfig, vector.config);
  const memory = newMemory();
  const unit = new VtdUnit(memory, {
    capability: CAPABILITY | (1n << BigInt(levels + 6)) | (BigInt(va - 1) << 16n),
    extendedCapability: snoopControl === true ? EXTENDED_CAPABILITY | SNOOP_CONTROL : EXTENDED_CAPABILITY,
    hostAddressBits: oa,
  });
  attach(unit, memory, writeImage(memory, vector.image), (levels - 2) as 1 | 2 | 3);
  const iova = BigInt(vector.access.iova);
  const page = unit.translate(
    REQUESTER,
    pageOf(iova),
    vector.access.type === 'w' ? ACCESS_WRITE : ACCESS_READ,
  );
  const seen = page >= 0 ? hex(addressOf(page) + (iova & 0xfffn)) : `fault ${hex(-page)}`;
  const recorded = unit.takeFaults().map((fault) => `fault ${hex(fault.reason)}`);
  const { pa } = vector.expect;
  const reason = pa === null ? String((vector.expect as Record<string, unknown>).vtd_legacy_reason) : '';
  const failures: Failure[] = [];
  compareText(failures, `access ${vector.access.iova}`, pa ?? `fault ${reason}`, seen);
  compareText(failures, 'fault records', pa === null ? `fault ${reason}` : '', recorded.join());
  return failures;
}

/** The root page of a table tree made from entries. */
function writeImage(memory: PhysicalMemory, image: readonly VectorEntry[]): number {
  const root = memory.allocateTable();
  const tables = new Map([['', root]]);
  for (const [path, index, value] of image) {
    const page = tables.get(path.join()) as number;
    let entry = BigInt(value.replace('T:', ''));
    if (value.startsWith('T:')) {
      const child = memory.allocateTable();
      tables.set([...path, index].join(), child);
      entry |= addressOf(child);
    }
    memory.writeEntry(page, index, entry);
  }
  return root;
}

function attach(unit: VtdUnit, memory: PhysicalMemory, tablePage: number, addressWidth: 1 | 2 | 3): void {
  const [root, contexts] = [memory.allocateTable(), memory.allocateTable()];
  const entry = vtd.contextEntry({ tablePage, translationType: 0, addressWidth, domainId: 1 });
  memory.writeEntry(root, 0, vtd.rootEntry(contexts).low);
  memory.writeEntry(contexts, REQUESTER * 2, entry.low);
  memory.writeEntry(contexts, REQUESTER * 2 + 1, entry.high);
  unit.writeRegister(vtd.REGISTER.RTADDR, addressOf(root));
  unit.writeRegister(vtd.REGISTER.GCMD, 1n << 30n);
  unit.writeRegister(vtd.REGISTER.GCMD, 1n << 31n);
}
