/** Finding a group of the container. Precondition: the container's lock is held. `@kernel vfio_iommu_find_iommu_group` */
import type { Op } from '@iommu-lab/explorer';
import type { IommuGroup } from '@iommu-lab/kernel';
import type { VfioDomain, VfioIommu, VfioIommuGroup } from './vfio-iommu';

/** The group among those with a domain and those of emulated devices, or null. */
export function* vfioIommuFindIommuGroup(iommu: VfioIommu, group: IommuGroup): Op<VfioIommuGroup | null> {
  for (const domain of yield* iommu.domains.load()) {
    const member = yield* findInDomain(domain, group);
    if (member !== null) return member;
  }
  return yield* findEmulated(iommu, group);
}

export function* findInDomain(domain: VfioDomain, group: IommuGroup): Op<VfioIommuGroup | null> {
  return (yield* domain.groups.load()).find((member) => member.group === group) ?? null;
}

export function* findEmulated(iommu: VfioIommu, group: IommuGroup): Op<VfioIommuGroup | null> {
  return (yield* iommu.emulatedGroups.load()).find((member) => member.group === group) ?? null;
}
