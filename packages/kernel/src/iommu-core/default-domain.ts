/** A group's default domain, made when its first device is probed. `@kernel iommu_group_alloc_default_domain` */
import type { Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { IommuDomain } from '../domain';
import { type Errno, isErrno } from '../errno';
import type { IommuGroup } from '../group';
import type { IommuInstance } from '../iommu-instance';

/**
 * Makes the group's default domain where it has none; a group that is on no domain is then said to be on it.
 * Precondition: group.mutex is held. ENOMEM.
 */
export function* ensureDefaultDomain(
  group: IommuGroup,
  device: Device,
  instance: IommuInstance,
): Op<0 | Errno> {
  if ((yield* group.defaultDomain.load()) !== null) return 0;
  const made = yield* allocDefaultDomain(group, device, instance);
  if (isErrno(made)) return made;
  if ((yield* group.domain.load()) === null) yield* group.domain.store(made);
  return 0;
}

function* allocDefaultDomain(
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
