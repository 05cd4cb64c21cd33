/** Atomic steps on a domain's page tables. One core call is one step. */
import { addressOf, errnoName, hex, type PageTable } from '@iommu-lab/core';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from '@iommu-lab/explorer';
import type { IommuDomain } from '../domain';
import type { Errno } from '../errno';
import { declareRange } from './locations';

function tableOf(pending: PendingOperation): PageTable {
  const geometry = (pending.target as IommuDomain).geometry.value;
  if (geometry === null) throw new TypeError('a domain without geometry was mapped: attach it first');
  return geometry.table;
}

const MAP: OperationKind = {
  name: 'hw.map',
  enabled: null,
  execute: (p) => {
    const error = tableOf(p).mapRange(p.number0, p.number1, p.number2, p.number3);
    return error === 0 ? 0 : errnoName(error);
  },
  describe: (p) => `iova ${hex(addressOf(p.number0))} to ${hex(addressOf(p.number1))} pages ${p.number2}`,
};
const UNMAP: OperationKind = {
  name: 'hw.unmap',
  enabled: null,
  execute: (p) => tableOf(p).unmapRange(p.number0, p.number1),
  describe: (p) => `iova ${hex(addressOf(p.number0))} pages ${p.number1}`,
};
const FREE_TABLES: OperationKind = {
  name: 'hw.free_tables',
  enabled: null,
  execute: (p) => tableOf(p).releaseGathered(),
};
const LOOK_UP: OperationKind = {
  name: 'hw.iova_to_phys',
  enabled: null,
  execute: (p) => tableOf(p).translate(p.number0),
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
};

/** Writes entries for `pages` pages. Nothing is rolled back after an error; `mappedPages` of the table says how far it came. */
export function hwMap(
  domain: IommuDomain,
  iovaPage: number,
  physicalPage: number,
  pages: number,
  prot: number,
): Step<0 | Errno> {
  const pending = domain.world.begin(MAP, domain);
  pending.number0 = iovaPage;
  pending.number1 = physicalPage;
  pending.number2 = pages;
  pending.number3 = prot;
  pending.owner = domain;
  declareRange(pending, domain, iovaPage, pages, AccessKind.WRITE);
  return domain.world.submit();
}

/** Clears entries and answers how many pages went; tables that became empty are gathered, not freed. */
export function hwUnmap(domain: IommuDomain, iovaPage: number, pages: number): Step<number> {
  const pending = domain.world.begin(UNMAP, domain);
  pending.number0 = iovaPage;
  pending.number1 = pages;
  pending.owner = domain;
  declareRange(pending, domain, iovaPage, pages, AccessKind.WRITE);
  return domain.world.submit();
}

/** Frees the gathered tables. Only after the flush: a walker may still be in them before. */
export function hwFreeTables(domain: IommuDomain): Step<number> {
  const pending = domain.world.begin(FREE_TABLES, domain);
  pending.owner = domain;
  pending.accesses.add(domain.lifeLocation, AccessKind.READ);
  return domain.world.submit();
}

/** The physical page that software finds for an iova, or -1. */
export function hwIovaToPhys(domain: IommuDomain, iovaPage: number): Step<number> {
  const pending = domain.world.begin(LOOK_UP, domain);
  pending.number0 = iovaPage;
  pending.owner = domain;
  declareRange(pending, domain, iovaPage, 1, AccessKind.READ);
  return domain.world.submit();
}

/** How many pages from `iovaPage` on, at most `most`, lead to consecutive physical pages; the first to `physicalPage`. */
export function hwContiguousPages(
  domain: IommuDomain,
  iovaPage: number,
  physicalPage: number,
  most: number,
): Step<number> {
  const pending = domain.world.begin(RUN_LENGTH, domain);
  pending.number0 = iovaPage;
  pending.number1 = physicalPage;
  pending.number2 = most;
  pending.owner = domain;
  declareRange(pending, domain, iovaPage, most, AccessKind.READ);
  return domain.world.submit();
}
