/**
 * One domain for all members, first error stops: members before it stay on the new domain, the rest on the old.
 * The claim, release and detach paths of 5.19 to 6.4. `@kernel __iommu_group_set_domain` (read in 6.1)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { IommuDomain } from '../../domain';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';
import { attachDevice } from '../driver-call';

/** Precondition: group.mutex is held. Errors: the driver's; group.domain is then unchanged. */
export const setDomainNoRollback = kernelFunction(
  '__iommu_group_set_domain',
  function* setDomainNoRollback(group: IommuGroup, domain: IommuDomain): Op<0 | Errno> {
    if ((yield* group.domain.load()) === domain) return 0;
    for (const device of yield* group.devices.load()) {
      const error = yield* attachDevice(domain, device);
      if (error !== 0) return error;
    }
    yield* group.domain.store(domain);
    return 0;
  },
);
