/**
 * After an error the members before the failing one go back to the old domain; that one is where its driver left it,
 * which must be where it was. The attach and claim paths from 6.19 on.
 * `@kernel __iommu_group_set_domain_internal` (read in 7.0; not recorded: no recorded step makes an attach fail)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { IommuDomain } from '../../domain';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';
import { attachDevice } from '../driver-call';
import { attachMustSucceed } from './must-succeed';

/** Precondition: group.mutex is held. Errors: the driver's; group.domain is then unchanged. */
export const setDomainExcludeFailing = kernelFunction(
  '__iommu_group_set_domain',
  function* setDomainExcludeFailing(group: IommuGroup, domain: IommuDomain): Op<0 | Errno> {
    const old = yield* group.domain.load();
    if (old === domain) return 0;
    const devices = yield* group.devices.load();
    for (const [index, device] of devices.entries()) {
      const error = yield* attachDevice(domain, device);
      if (error !== 0) {
        if (old !== null) {
          for (const reverted of devices.slice(0, index)) {
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
