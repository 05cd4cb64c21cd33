/** Calls of the IOMMU driver by the core, where a test can inject a failure. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { IommuDomain } from '../domain';
import { type Errno, isErrno } from '../errno';
import { injectedErrno } from '../inject';
import type { IommuInstance } from '../iommu-instance';

/**
 * Attaches one device. ENODEV without an IOMMU; the driver's errno otherwise.
 * Precondition: the group's mutex is held. `@kernel __iommu_attach_device`
 */
export const attachDevice = kernelFunction(
  '__iommu_attach_device',
  function* attachDevice(domain: IommuDomain, device: Device): Op<0 | Errno> {
    const instance = yield* device.iommu.load();
    if (instance === null) return 'ENODEV';
    const operation = isCoreDomain(domain, device) ? 'attach_core' : 'attach_dev';
    const injected = injectedErrno(device.kernel, operation, device.name);
    if (injected !== null) return injected;
    return yield* instance.driver.attach(instance, domain, device);
  },
);

/** Whether the domain is one of the core's own for the device's group. */
function isCoreDomain(domain: IommuDomain, device: Device): boolean {
  const group = device.group.readInStep();
  // A newcomer has no group yet; callers' domains are of this type.
  if (group === null) return domain.type !== 'UNMANAGED';
  return domain === group.defaultDomain.readInStep() || domain === group.blockingDomain.readInStep();
}

/** A domain of an IOMMU, made with a device at hand or without. ENOMEM. `@kernel ops->domain_alloc_paging` */
export function* allocPaging(instance: IommuInstance, device: Device | null): Op<IommuDomain | Errno> {
  const injected = injectedErrno(instance.kernel, 'domain_alloc', device?.name ?? null);
  if (injected !== null) return injected;
  const made = yield* instance.driver.allocPaging(instance, device, 'UNMANAGED');
  if (!isErrno(made) && device !== null) made.madeFor = { device, group: device.home };
  return made;
}
