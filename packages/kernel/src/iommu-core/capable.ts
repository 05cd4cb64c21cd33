/** Asking for capabilities: of a bus, as until 6.0, of a device, and of a domain. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Bus } from '../bus';
import type { Capability } from '../capability';
import type { Device } from '../device';
import type { IommuDomain } from '../domain';

/** One answer for a whole bus: false where no IOMMU serves it or any of them says no. `@kernel iommu_capable` */
export const iommuCapable = kernelFunction(
  'iommu_capable',
  function* iommuCapable(bus: Bus, capability: Capability): Op<boolean> {
    yield* bus.lock.lock();
    const instances = yield* bus.iommus.load();
    yield* bus.lock.unlock();
    if (instances.length === 0) return false;
    for (const instance of instances) {
      if (!(yield* instance.driver.capable(instance, null, capability))) return false;
    }
    return true;
  },
);

/** The answer of the device's own IOMMU; false without one. `@kernel device_iommu_capable` */
export const deviceIommuCapable = kernelFunction(
  'device_iommu_capable',
  function* deviceIommuCapable(device: Device, capability: Capability): Op<boolean> {
    const instance = yield* device.iommu.load();
    if (instance === null) return false;
    return yield* instance.driver.capable(instance, device, capability);
  },
);

/** The answer of the driver that made the domain, for what the domain is attached behind. `@kernel enforce_cache_coherency` */
export const iommuDomainCapable = kernelFunction(
  'iommu_domain_capable',
  function* iommuDomainCapable(domain: IommuDomain, capability: Capability): Op<boolean> {
    return yield* domain.driver.domainCapable(domain, capability);
  },
);
