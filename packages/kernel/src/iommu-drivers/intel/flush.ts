/** Dropping what a unit has cached of a range of a domain. `@kernel iommu_flush_iotlb_psi` */
import type { Op } from '@iommu-lab/explorer';
import type { IommuDomain } from '../../domain';
import { hwInvalidateDomain, hwInvalidateRange } from '../../hw/unit';

/** In caching mode even a new entry needs an invalidation: its absence may be cached. */
export function* flushNewEntries(domain: IommuDomain, iovaPage: number, pages: number): Op<void> {
  if (domain.kernel.iommu?.capabilities.cachingMode) yield* flushRange(domain, iovaPage, pages, true);
}

/** The smallest aligned power of two that covers the range, or the whole domain; nothing while it is attached nowhere. */
export function* flushRange(
  domain: IommuDomain,
  iovaPage: number,
  pages: number,
  leafOnly: boolean,
): Op<void> {
  const instance = domain.kernel.iommu;
  if (instance === null || pages === 0) return;
  const domainId = yield* domain.hardwareId.load();
  if (domainId === 0) return;
  const { pageSelective, maxMaskLog2 } = instance.capabilities;
  let log2 = Math.ceil(Math.log2(pages));
  const last = iovaPage + pages - 1;
  while (Math.floor(iovaPage / 2 ** log2) !== Math.floor(last / 2 ** log2)) log2++;
  if (!pageSelective || log2 > maxMaskLog2) {
    yield* hwInvalidateDomain(instance, domainId);
    return;
  }
  const aligned = Math.floor(iovaPage / 2 ** log2) * 2 ** log2;
  yield* hwInvalidateRange(instance, domainId, aligned, log2, leafOnly);
}
