/** Whether a group's aperture and reserved regions agree with what a container has mapped. */
import { pageOf } from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import type { Errno, IommuDomain, ReservedRegion } from '@iommu-lab/kernel';
import { vfioFindDma } from './dma-tree';
import { clipToAperture, excludeReserved, type IovaRange } from './iova-ranges';
import type { VfioIommu } from './vfio-iommu';

/** The aperture of an attached domain. */
export function apertureOf(domain: IommuDomain): IovaRange {
  const geometry = domain.geometry.readInStep();
  if (geometry === null) throw new TypeError(`${domain.label} is attached and has no geometry`);
  return { first: geometry.apertureFirst, last: geometry.apertureLast };
}

/**
 * Whether the domain's aperture lies beside all valid ranges or cuts off something that is mapped.
 * Precondition: the container's lock is held. `@kernel vfio_iommu_aper_conflict`
 */
export function* apertureConflict(iommu: VfioIommu, domain: IommuDomain): Op<boolean> {
  const ranges = yield* iommu.iovaRanges.load();
  const aperture = apertureOf(domain);
  const first = ranges[0]?.first;
  const last = ranges.at(-1)?.last;
  if (first === undefined || last === undefined) return false;
  if (aperture.first > last || aperture.last < first) return true;
  if (aperture.first > first && (yield* isMapped(iommu, first, aperture.first - 1n))) return true;
  return aperture.last < last && (yield* isMapped(iommu, aperture.last + 1n, last));
}

/**
 * The container's valid ranges once the group is in it; those in force are not changed. Precondition: the container's
 * lock is held. EINVAL: something is mapped in a reserved region, or no range is left. `@kernel vfio_iommu_resv_conflict`
 */
export function* rangesForGroup(
  iommu: VfioIommu,
  domain: IommuDomain,
  regions: readonly ReservedRegion[],
): Op<readonly IovaRange[] | Errno> {
  for (const region of regions) {
    if (region.type === 'direct-relaxable') continue;
    if (yield* isMapped(iommu, region.first, region.last)) return 'EINVAL';
  }
  const current = yield* iommu.iovaRanges.load();
  return excludeReserved(clipToAperture(current, apertureOf(domain)), regions);
}

function* isMapped(iommu: VfioIommu, first: bigint, last: bigint): Op<boolean> {
  const page = pageOf(first);
  return (yield* vfioFindDma(iommu, page, pageOf(last) - page + 1)) !== null;
}
