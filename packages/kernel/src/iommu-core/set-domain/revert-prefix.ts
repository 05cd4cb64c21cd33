/**
 * After an error every member up to and including the failing one goes back to the old domain.
 * The attach and claim paths of 6.5 to 6.18. `@kernel __iommu_group_set_domain_internal` (read in 6.12)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { IommuDomain } from '../../domain';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';
import { attachDevice } from '../driver-call';
import { attachMustSucceed } from './must-succeed';

/** Precondition: group.mutex is held. Errors: the driver's; group.domain is then unchanged. */
export const setDomainRevertPrefix = kernelFunction(
  '__iommu_group_set_domain',
  function* setDomainRevertPrefix(group: IommuGroup, domain: IommuDomain): Op<0 | Errno> {
    const old = yield* group.domain.load();
    if (old === domain) return 0;
    const devices = yield* group.devices.load();
    for (const [index, device] of devices.entries()) {
      const error = yield* attachDevice(domain, device);
      if (error !== 0) {
        if (old !== null) {
          for (const reverted of devices.slice(0, index + 1)) {
            yield* attachMustSucceed(group, reverted, old);
          }
        }
        return error;
      }
    }
    yield* group.domain.store(domain);
    return 0;
  },
);
