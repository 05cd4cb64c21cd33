/** Reserved iova ranges of a group: the union over its members. `@kernel iommu_get_group_resv_regions` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { IommuGroup } from '../group';
import type { ReservedRegion } from '../iommu-drivers/iommu-driver';

/** Sorted by start, equal regions once. Takes group.mutex. */
export const iommuGetGroupReservedRegions = kernelFunction(
  'iommu_get_group_resv_regions',
  function* iommuGetGroupReservedRegions(group: IommuGroup): Op<readonly ReservedRegion[]> {
    yield* group.mutex.lock();
    const regions = [];
    for (const device of yield* group.devices.load()) regions.push(...deviceReservedRegions(device));
    yield* group.mutex.unlock();
    return sortedUnion(regions);
  },
);

/** The regions of one device, from its IOMMU's driver and from the machine's own tables. */
export function deviceReservedRegions(device: Device): readonly ReservedRegion[] {
  const instance = device.iommu.readInStep();
  return instance === null ? [] : instance.driver.reservedRegions(instance, device);
}

function sortedUnion(regions: readonly ReservedRegion[]): ReservedRegion[] {
  const unique = new Map(regions.map((region) => [`${region.first}-${region.last}-${region.type}`, region]));
  return [...unique.values()].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
}
