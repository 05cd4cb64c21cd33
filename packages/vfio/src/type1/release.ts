/**
 * The backend ends: the container has lost its last group, or SET_IOMMU failed. No lock is taken: nobody else is
 * supposed to have the container any more. An ioctl that still runs finds freed memory, as in the kernel.
 * `@kernel vfio_iommu_type1_release, vfio_release_domain`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { iommuDomainFree } from '@iommu-lab/kernel';
import { vfioIommuUnmapUnpinAll } from './remove-dma';
import type { VfioDomain, VfioIommu } from './vfio-iommu';

/** Frees everything, attached groups and mappings included. */
export const vfioIommuType1Release = kernelFunction(
  'vfio_iommu_type1_release',
  function* vfioIommuType1Release(iommu: VfioIommu): Op<void> {
    for (const member of yield* iommu.emulatedGroups.load()) yield* member.free();
    yield* vfioIommuUnmapUnpinAll(iommu);
    for (const domain of yield* iommu.domains.load()) yield* vfioReleaseDomain(iommu, domain);
    yield* iommu.free();
  },
);

function* vfioReleaseDomain(iommu: VfioIommu, domain: VfioDomain): Op<void> {
  for (const member of yield* domain.groups.load()) {
    if (member.target !== null) yield* iommu.system.domainPort.detach(member.target, domain.domain);
    yield* member.free();
  }
  yield* iommuDomainFree(domain.domain);
  yield* domain.free();
}
