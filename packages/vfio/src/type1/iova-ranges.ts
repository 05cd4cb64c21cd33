/**
 * Where a container may map: the intersection of its domains' apertures without the reserved regions of its groups.
 * Bounds are inclusive byte addresses, as user space sees them in GET_INFO.
 * `@kernel vfio_iommu_aper_resize, vfio_iommu_resv_exclude, vfio_iommu_iova_dma_valid`
 */
import type { Errno, ReservedRegion } from '@iommu-lab/kernel';

export interface IovaRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Cuts the ranges down to an aperture. No ranges: everything was valid, now the aperture is. */
export function clipToAperture(ranges: readonly IovaRange[], aperture: IovaRange): readonly IovaRange[] {
  if (ranges.length === 0) return [aperture];
  return ranges.map((range) => intersection(range, aperture)).filter((range) => range.first <= range.last);
}

/** What two ranges have in common; first above last: nothing. */
export function intersection(range: IovaRange, other: IovaRange): IovaRange {
  let { first, last } = range;
  if (other.first > first) first = other.first;
  if (other.last < last) last = other.last;
  return { first, last };
}

/** Takes the reserved regions out. Regions that the user may override stay in. EINVAL: nothing is left. */
export function excludeReserved(
  ranges: readonly IovaRange[],
  regions: readonly ReservedRegion[],
): readonly IovaRange[] | Errno {
  let left = ranges;
  for (const region of regions) {
    if (region.type !== 'direct-relaxable') left = left.flatMap((range) => without(range, region));
  }
  return left.length === 0 ? 'EINVAL' : left;
}

function without(range: IovaRange, region: ReservedRegion): IovaRange[] {
  if (region.first > range.last || region.last < range.first) return [range];
  const pieces: IovaRange[] = [];
  if (region.first > range.first) pieces.push({ first: range.first, last: region.first - 1n });
  if (region.last < range.last) pieces.push({ first: region.last + 1n, last: range.last });
  return pieces;
}

/** Whether [first, last] lies in one of the ranges; true where there are none. */
export function rangesContain(ranges: readonly IovaRange[], first: bigint, last: bigint): boolean {
  return ranges.length === 0 || ranges.some((range) => first >= range.first && last <= range.last);
}
