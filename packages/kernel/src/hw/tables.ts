/** Atomic steps on a domain's page tables. One core call is one step. */
import { addressOf, errnoName, hex, type PageTable } from '@iommu-lab/core';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from '@iommu-lab/explorer';
import type { IommuDomain } from '../domain';
import type { Errno } from '../errno';
import { declare } from './locations';

function tableOf(pending: PendingOperation): PageTable {
  const geometry = (pending.target as IommuDomain).geometry.readInStep();
  if (geometry === null) throw new TypeError('a domain without geometry was mapped: attach it first');
  return geometry.table;
}

/** Declares the domain, and the table pages that a call would touch in `pages` pages from `iovaPage` on. */
function declareRange(
  pending: PendingOperation,
  iovaPage: number,
  pages: number,
  purpose: 'map' | 'unmap' | 'read',
): void {
  const domain = pending.target as IommuDomain;
  const table = declareDomain(pending, domain);
  const { locations } = domain.kernel;
  const gathers = table?.visitTables(iovaPage, pages, purpose, (page, written) => {
    declare(pending, locations.pages.of(page), written ? AccessKind.WRITE : AccessKind.READ);
  });
  // The list of tables that wait for a flush, and with it whether the tree is there at all.
  pending.accesses.add(domain.gatherLocation, gathers ? AccessKind.WRITE : AccessKind.READ);
}

function declareDomain(pending: PendingOperation, domain: IommuDomain): PageTable | null {
  pending.accesses.add(domain.lifeLocation, AccessKind.READ);
  pending.accesses.add(domain.geometry.location, AccessKind.READ);
  return domain.geometry.value?.table ?? null;
}

/** Declares the pages that a step frees. */
function declareFreed(pending: PendingOperation, pagesOf: (table: PageTable) => readonly number[]): void {
  const domain = pending.target as IommuDomain;
  const table = declareDomain(pending, domain);
  pending.accesses.add(domain.gatherLocation, AccessKind.WRITE);
  if (table === null) return;
  const { locations } = domain.kernel;
  for (const page of pagesOf(table)) declare(pending, locations.pages.of(page), AccessKind.WRITE);
}

const MAP: OperationKind = {
  name: 'hw.map',
  enabled: null,
  execute: (p) => {
    const error = tableOf(p).mapRange(p.number0, p.number1, p.number2, p.number3);
    return error === 0 ? 0 : errnoName(error);
  },
  declare: (p) => declareRange(p, p.number0, p.number2, 'map'),
  describe: (p) => `iova ${hex(addressOf(p.number0))} to ${hex(addressOf(p.number1))} pages ${p.number2}`,
};
const UNMAP: OperationKind = {
  name: 'hw.unmap',
  enabled: null,
  execute: (p) => tableOf(p).unmapRange(p.number0, p.number1),
  declare: (p) => declareRange(p, p.number0, p.number1, 'unmap'),
  describe: (p) => `iova ${hex(addressOf(p.number0))} pages ${p.number1}`,
};
const FREE_TABLES: OperationKind = {
  name: 'hw.free_tables',
  enabled: null,
  execute: (p) => tableOf(p).releaseGathered(),
  declare: (p) => declareFreed(p, (table) => table.gatheredPages()),
};
const DESTROY_TABLES: OperationKind = {
  name: 'hw.destroy_tables',
  enabled: null,
  execute: (p) => (p.target as IommuDomain).geometry.readInStep()?.table.destroy(),
  declare: (p) => declareFreed(p, (table) => [...table.gatheredPages(), ...table.tablePages()]),
};
const LOOK_UP: OperationKind = {
  name: 'hw.iova_to_phys',
  enabled: null,
  execute: (p) => tableOf(p).translate(p.number0),
  declare: (p) => declareRange(p, p.number0, 1, 'read'),
};

const RUN_LENGTH: OperationKind = {
  name: 'hw.iova_to_phys',
  enabled: null,
  execute: (p) => {
    const table = tableOf(p);
    const most = p.number2;
    let pages = 1;
    while (pages < most && table.translate(p.number0 + pages) === p.number1 + pages) pages++;
    return pages;
  },
  declare: (p) => declareRange(p, p.number0, p.number2, 'read'),
};

function begin(kind: OperationKind, domain: IommuDomain): PendingOperation {
  const pending = domain.world.begin(kind, domain);
  pending.owner = domain;
  return pending;
}

/** Writes entries for `pages` pages. Nothing is rolled back after an error; `mappedPages` of the table says how far it came. */
export function hwMap(
  domain: IommuDomain,
  iovaPage: number,
  physicalPage: number,
  pages: number,
  prot: number,
): Step<0 | Errno> {
  const pending = begin(MAP, domain);
  pending.number0 = iovaPage;
  pending.number1 = physicalPage;
  pending.number2 = pages;
  pending.number3 = prot;
  return domain.world.submit();
}

/** Clears entries and answers how many pages went; tables that became empty are gathered, not freed. */
export function hwUnmap(domain: IommuDomain, iovaPage: number, pages: number): Step<number> {
  const pending = begin(UNMAP, domain);
  pending.number0 = iovaPage;
  pending.number1 = pages;
  return domain.world.submit();
}

/** Frees the gathered tables. Only after the flush: a walker may still be in them before. */
export function hwFreeTables(domain: IommuDomain): Step<number> {
  begin(FREE_TABLES, domain);
  return domain.world.submit();
}

/** Frees all tables of a domain that is attached nowhere. */
export function hwDestroyTables(domain: IommuDomain): Step<void> {
  begin(DESTROY_TABLES, domain);
  return domain.world.submit();
}

/** How many tables wait for a flush, read as part of the running step. */
export function gatheredTables(domain: IommuDomain): number {
  domain.world.accessInStep(domain.gatherLocation, AccessKind.READ);
  return domain.geometry.readInStep()?.table.gatheredTables ?? 0;
}

/** The physical page that software finds for an iova, or -1. */
export function hwIovaToPhys(domain: IommuDomain, iovaPage: number): Step<number> {
  begin(LOOK_UP, domain).number0 = iovaPage;
  return domain.world.submit();
}

/** How many pages from `iovaPage` on, at most `most`, lead to consecutive physical pages; the first to `physicalPage`. */
export function hwContiguousPages(
  domain: IommuDomain,
  iovaPage: number,
  physicalPage: number,
  most: number,
): Step<number> {
  const pending = begin(RUN_LENGTH, domain);
  pending.number0 = iovaPage;
  pending.number1 = physicalPage;
  pending.number2 = most;
  return domain.world.submit();
}
