/**
 * One domain for many groups: a group joins a domain that the container has, where the same driver made it, it treats
 * coherency alike and the driver accepts the group there. `@kernel vfio_iommu_type1_attach_group`, step 15
 */
import type { Op } from '@iommu-lab/explorer';
import type { MoveFailure } from '@iommu-lab/kernel';
import type { Attach } from './attach';
import type { VfioDomain } from './vfio-iommu';

/**
 * The domain that the group was moved to; null where none would take it and it is on its new domain as before; or the
 * failure that left it on neither. Precondition: the container's lock is held, the group is on `attach.domain`.
 */
export function* shareDomain(attach: Attach, coherent: boolean): Op<VfioDomain | MoveFailure | null> {
  const { iommu, port, handle, domain } = attach;
  for (const candidate of yield* iommu.domains.load()) {
    if (candidate.domain.driver !== domain.driver || candidate.enforceCacheCoherency !== coherent) continue;
    const moved = yield* port.move(handle, domain, candidate.domain);
    if (moved === 0) return candidate;
    if (moved.nowOn === null) return moved;
  }
  return null;
}
