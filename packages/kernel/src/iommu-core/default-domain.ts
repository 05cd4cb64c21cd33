/** A group's default domain, made when its first device is probed. `@kernel iommu_group_alloc_default_domain` */
import type { Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { IommuDomain } from '../domain';
import { type Errno, isErrno } from '../errno';
import type { IommuGroup } from '../group';
import type { IommuInstance } from '../iommu-instance';

/** Precondition: group.mutex is held and the group has none. ENOMEM. The group's domain is not changed. */
export function* allocDefaultDomain(
  group: IommuGroup,
  device: Device,
  instance: IommuInstance,
): Op<IommuDomain | Errno> {
  if (group.kernel.config.defaultDomain === 'identity') {
    const identity = instance.driver.identityDomain(instance);
    if (identity !== null) {
      yield* group.defaultDomain.store(identity);
      return identity;
    }
  }
  const paging = yield* instance.driver.allocPaging(instance, device, 'DMA');
  if (!isErrno(paging)) yield* group.defaultDomain.store(paging);
  return paging;
}
