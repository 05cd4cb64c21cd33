/**
 * A change that must not fail: an error of one member does not stop the others, and that member is parked on the
 * blocking domain. Release, detach and every rollback from 6.5 on.
 * `@kernel __iommu_group_set_domain_nofail` (read in 6.12)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../../device';
import type { IommuDomain } from '../../domain';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';
import { attachDevice } from '../driver-call';

/** Precondition: group.mutex is held. The answer is the first member's error, for a warning only. */
export const setDomainMustSucceed = kernelFunction(
  '__iommu_group_set_domain_nofail',
  function* setDomainMustSucceed(group: IommuGroup, domain: IommuDomain): Op<0 | Errno> {
    if ((yield* group.domain.load()) === domain) return 0;
    let first: 0 | Errno = 0;
    for (const device of yield* group.devices.load()) {
      const error = yield* attachMustSucceed(group, device, domain);
      if (first === 0) first = error;
    }
    yield* group.domain.store(domain);
    return first;
  },
);

/** One member; on an error it is put on the blocking domain, where nothing can go wrong. */
export function* attachMustSucceed(group: IommuGroup, device: Device, domain: IommuDomain): Op<0 | Errno> {
  const error = yield* attachDevice(domain, device);
  if (error === 0) return 0;
  const blocking = yield* group.blockingDomain.load();
  if (blocking !== null && blocking !== domain) yield* attachDevice(blocking, device);
  group.kernel.warn('__iommu_group_set_domain_nofail');
  return error;
}
