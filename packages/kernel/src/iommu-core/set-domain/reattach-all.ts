/**
 * Attach with a way back: after an error the old domain is attached to every member again.
 * The attach path of 6.3, 6.4 and of 6.1 from 6.1.17 on. `@kernel __iommu_attach_group` (read in 6.1)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { IommuDomain } from '../../domain';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';
import { attachDevice } from '../driver-call';
import { setDomainNoRollback } from './no-rollback';

/** Precondition: group.mutex is held. Errors: the driver's; the old domain is then on every member again. */
export const setDomainReattachAll = kernelFunction(
  '__iommu_attach_group_devices',
  function* setDomainReattachAll(group: IommuGroup, domain: IommuDomain): Op<0 | Errno> {
    for (const device of yield* group.devices.load()) {
      const error = yield* attachDevice(domain, device);
      if (error !== 0) {
        const old = yield* group.domain.load();
        yield* group.domain.store(null);
        if (old !== null) {
          const failed = yield* setDomainNoRollback(group, old);
          if (failed !== 0) group.kernel.warn('__iommu_attach_group');
        }
        return error;
      }
    }
    yield* group.domain.store(domain);
    return 0;
  },
);
