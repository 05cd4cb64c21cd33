/** Making and freeing domains: by bus, as until 2022, and by device. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Bus } from '../bus';
import type { Device } from '../device';
import type { IommuDomain } from '../domain';
import { type Errno, isErrno } from '../errno';
import { allocPaging } from './driver-call';

/**
 * A domain of the IOMMU that serves the bus. Null for every failure: no IOMMU, two different ones, no memory.
 * The domain takes its geometry from its first attach. `@kernel iommu_domain_alloc`
 */
export const iommuDomainAlloc = kernelFunction(
  'iommu_domain_alloc',
  function* iommuDomainAlloc(bus: Bus): Op<IommuDomain | null> {
    yield* bus.lock.lock();
    const instances = yield* bus.iommus.load();
    yield* bus.lock.unlock();
    const [first] = instances;
    if (first === undefined) return null;
    if (instances.some((instance) => instance.driver !== first.driver)) {
      bus.kernel.warn('iommu_domain_alloc');
      return null;
    }
    const domain = yield* allocPaging(first, null);
    return isErrno(domain) ? null : domain;
  },
);

/** A domain of the IOMMU that translates for the device. ENODEV: none does. ENOMEM. `@kernel iommu_paging_domain_alloc` */
export const iommuPagingDomainAlloc = kernelFunction(
  'iommu_paging_domain_alloc',
  function* iommuPagingDomainAlloc(device: Device): Op<IommuDomain | Errno> {
    const instance = yield* device.iommu.load();
    if (instance === null) return 'ENODEV';
    return yield* allocPaging(instance, device);
  },
);

/** Frees a domain. That nothing is attached any more is the caller's duty and not checked. `@kernel iommu_domain_free` */
export const iommuDomainFree = kernelFunction(
  'iommu_domain_free',
  function* iommuDomainFree(domain: IommuDomain): Op<void> {
    yield* domain.driver.freeDomain(domain);
    yield* domain.free();
  },
);
