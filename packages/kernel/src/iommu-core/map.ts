/** Mapping and unmapping in a domain, and the flushes that belong to it. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { IommuDomain } from '../domain';
import type { Errno } from '../errno';
import { gatheredTables, hwContiguousPages, hwFreeTables, hwIovaToPhys, hwMap, hwUnmap } from '../hw/tables';
import { injectedErrno } from '../inject';

/**
 * Maps `pages` pages; after an error what was mapped is taken back. `prot`: PROT_* bits.
 * EINVAL, EADDRINUSE, ERANGE, ENOMEM as the format says. `@kernel iommu_map`
 */
export const iommuMap = kernelFunction(
  'iommu_map',
  function* iommuMap(
    domain: IommuDomain,
    iovaPage: number,
    physicalPage: number,
    pages: number,
    prot: number,
  ): Op<0 | Errno> {
    const injected = injectedErrno(domain.kernel, 'map', null);
    if (injected !== null) return injected;
    const error = yield* hwMap(domain, iovaPage, physicalPage, pages, prot);
    if (error !== 0) {
      const mapped = domain.geometry.readInStep()?.table.mappedPages ?? 0;
      if (mapped > 0) yield* hwUnmap(domain, iovaPage, mapped);
      yield* iommuIotlbSync(domain, iovaPage, mapped);
      return error;
    }
    yield* domain.driver.syncMap(domain, iovaPage, pages);
    return 0;
  },
);

/** Clears entries without a flush; the caller calls `iommuIotlbSync` before it reuses a page. `@kernel iommu_unmap_fast` */
export const iommuUnmapFast = kernelFunction(
  'iommu_unmap_fast',
  function* iommuUnmapFast(domain: IommuDomain, iovaPage: number, pages: number): Op<number> {
    return yield* hwUnmap(domain, iovaPage, pages);
  },
);

/** Clears entries and flushes. Answers the pages that went. `@kernel iommu_unmap` */
export const iommuUnmap = kernelFunction(
  'iommu_unmap',
  function* iommuUnmap(domain: IommuDomain, iovaPage: number, pages: number): Op<number> {
    const unmapped = yield* hwUnmap(domain, iovaPage, pages);
    yield* iommuIotlbSync(domain, iovaPage, pages);
    return unmapped;
  },
);

/** Drops what the IOMMU has cached for the range, then frees the tables that the unmap emptied. `@kernel iommu_iotlb_sync` */
export const iommuIotlbSync = kernelFunction(
  'iommu_iotlb_sync',
  function* iommuIotlbSync(domain: IommuDomain, iovaPage: number, pages: number): Op<void> {
    const gathered = gatheredTables(domain);
    yield* domain.driver.sync(domain, iovaPage, pages, gathered === 0);
    if (gathered > 0) yield* hwFreeTables(domain);
  },
);

/** The physical page behind an iova, or -1. `@kernel iommu_iova_to_phys` */
export const iommuIovaToPhys = kernelFunction(
  'iommu_iova_to_phys',
  function* iommuIovaToPhys(domain: IommuDomain, iovaPage: number): Op<number> {
    return yield* hwIovaToPhys(domain, iovaPage);
  },
);

/**
 * How many pages from `iovaPage` on, at most `most`, lead to consecutive physical pages. Linux asks page by page; the
 * caller's lock keeps the domain from changing meanwhile, so that this is one step. Precondition: `iovaPage` leads to
 * `physicalPage`. `@kernel iommu_iova_to_phys`
 */
export const iommuContiguousPages = kernelFunction(
  'iommu_iova_to_phys',
  function* iommuContiguousPages(
    domain: IommuDomain,
    iovaPage: number,
    physicalPage: number,
    most: number,
  ): Op<number> {
    return yield* hwContiguousPages(domain, iovaPage, physicalPage, most);
  },
);
