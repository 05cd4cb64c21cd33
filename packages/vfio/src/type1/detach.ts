/** A group leaves the container. `@kernel vfio_iommu_type1_detach_group` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import {
  type IommuGroup,
  iommuDomainFree,
  iommuGetGroupReservedRegions,
  isErrno,
  type ReservedRegion,
  type Target,
} from '@iommu-lab/kernel';
import { attachesWithDevice } from '../container/attach-time';
import { vfioIommuPopulateBitmapFull } from './dirty';
import { findEmulated, findInDomain } from './groups';
import { apertureOf } from './iova-conflicts';
import { excludeReserved, type IovaRange, intersection } from './iova-ranges';
import { vfioUpdatePgsizeBitmap } from './page-sizes';
import { vfioIommuUnmapUnpinAll, vfioIommuUnmapUnpinReaccount } from './remove-dma';
import type { VfioDomain, VfioIommu, VfioIommuGroup } from './vfio-iommu';

const WHOLE_SPACE: IovaRange = { first: 0n, last: 0xffff_ffff_ffff_ffffn };

/**
 * Takes the group off its domain. A domain that no group uses is freed; with the last domain all mappings go, unless
 * emulated devices stay, or groups that the design attaches with their devices: for these they are kept unpinned. The valid ranges open up to what the others allow.
 * A group that is not in the container: nothing happens.
 */
export const vfioIommuType1DetachGroup = kernelFunction(
  'vfio_iommu_type1_detach_group',
  function* vfioIommuType1DetachGroup(iommu: VfioIommu, target: Target): Op<void> {
    yield* iommu.lock.lock();
    for (const domain of yield* iommu.domains.load()) {
      const member = yield* findInDomain(domain, target.group);
      if (member === null) continue;
      yield* iommu.system.domainPort.detach(target, domain.domain);
      yield* domain.groups.remove(member);
      yield* leave(iommu, domain, member);
      break;
    }
    yield* iommu.lock.unlock();
  },
);

/** Takes a group of emulated devices out; the last group of all takes the mappings with it. */
export const vfioIommuType1DetachEmulatedGroup = kernelFunction(
  'vfio_iommu_type1_detach_group',
  function* vfioIommuType1DetachEmulatedGroup(iommu: VfioIommu, group: IommuGroup): Op<void> {
    yield* iommu.lock.lock();
    const member = yield* findEmulated(iommu, group);
    if (member !== null) {
      yield* iommu.emulatedGroups.remove(member);
      const empty = (yield* iommu.emulatedGroups.load()).length === 0;
      if (empty && (yield* iommu.domains.load()).length === 0) yield* removeAllMappings(iommu);
      yield* member.free();
    }
    yield* iommu.lock.unlock();
  },
);

/** What follows once the group is off the domain and off its list. */
function* leave(iommu: VfioIommu, domain: VfioDomain, member: VfioIommuGroup): Op<void> {
  const ranges = yield* iommu.iovaRanges.load();
  let outer: IovaRange = { first: ranges[0]?.first ?? 0n, last: ranges.at(-1)?.last ?? WHOLE_SPACE.last };
  if ((yield* domain.groups.load()).length === 0) {
    yield* dropDomain(iommu, domain);
    outer = yield* commonAperture(iommu);
  }
  yield* vfioIommuResvRefresh(iommu, outer);
  const widened = !(yield* member.pinnedScope.load());
  yield* member.free();
  if (!widened) return;
  yield* iommu.nonPinnedGroups.store((yield* iommu.nonPinnedGroups.load()) - 1);
  if (yield* iommu.dirtyTracking.load()) yield* vfioIommuPopulateBitmapFull(iommu);
}

function* dropDomain(iommu: VfioIommu, domain: VfioDomain): Op<void> {
  if ((yield* iommu.domains.load()).length === 1) {
    // The pages are looked up in this domain: they are unpinned before it is freed.
    const emulated = (yield* iommu.emulatedGroups.load()).length > 0;
    if (emulated || attachesWithDevice(iommu.system)) yield* vfioIommuUnmapUnpinReaccount(iommu);
    else yield* removeAllMappings(iommu);
  }
  yield* iommuDomainFree(domain.domain);
  yield* iommu.domains.remove(domain);
  yield* domain.free();
  yield* vfioUpdatePgsizeBitmap(iommu);
}

function* removeAllMappings(iommu: VfioIommu): Op<void> {
  if ((yield* iommu.devices.load()).length > 0) iommu.kernel.warn('vfio_iommu_type1_detach_group');
  yield* vfioIommuUnmapUnpinAll(iommu);
}

/** The intersection of the apertures that are left. `@kernel vfio_iommu_aper_expand` */
function* commonAperture(iommu: VfioIommu): Op<IovaRange> {
  let common = WHOLE_SPACE;
  for (const { domain } of yield* iommu.domains.load()) common = intersection(common, apertureOf(domain));
  return common;
}

/** The outer bounds without the reserved regions of the groups that are left. `@kernel vfio_iommu_resv_refresh` */
function* vfioIommuResvRefresh(iommu: VfioIommu, outer: IovaRange): Op<void> {
  const regions: ReservedRegion[] = [];
  for (const domain of yield* iommu.domains.load()) {
    for (const { group } of yield* domain.groups.load()) {
      regions.push(...(yield* iommuGetGroupReservedRegions(group)));
    }
  }
  const ranges = excludeReserved([outer], regions);
  // Where nothing would be left the old ranges stay in force.
  if (!isErrno(ranges)) yield* iommu.iovaRanges.store(ranges);
}
