/** Context entries of a device and its aliases. `@kernel domain_context_mapping`, `domain_context_clear` */
import type { Op } from '@iommu-lab/explorer';
import type { Device } from '../../device';
import type { IommuDomain } from '../../domain';
import {
  type ContextEntry,
  hwInvalidateContext,
  hwInvalidateDomain,
  hwReadContext,
  hwWriteContext,
} from '../../hw/unit';
import type { IntelIommu } from './iommu';

/**
 * Points the entries of all requester ids of the device at the domain. An entry that is present already stays:
 * functions behind one bridge share the entry of its id. Precondition: instance.lock is held.
 */
export function* mapContexts(instance: IntelIommu, device: Device, domain: IommuDomain): Op<void> {
  const entry = contextEntryFor(instance, domain);
  const { cachingMode } = instance.capabilities;
  for (const requesterId of instance.machine.pci.dmaAliases(device.function_)) {
    if ((yield* hwReadContext(instance, requesterId)) >= 0) continue;
    yield* hwWriteContext(instance, requesterId, entry);
    if (cachingMode) {
      // An absent entry is cached under domain id 0.
      yield* hwInvalidateContext(instance, 0, requesterId);
      yield* hwInvalidateDomain(instance, entry.domainId);
    }
  }
}

/** Clears the entries and drops what is cached of them and of their domain. Precondition: instance.lock is held. */
export function* clearContexts(instance: IntelIommu, device: Device): Op<void> {
  const { clearInvalidates } = device.kernel.era.intel;
  for (const requesterId of instance.machine.pci.dmaAliases(device.function_)) {
    const domainId = yield* hwReadContext(instance, requesterId);
    if (domainId < 0) continue;
    yield* hwWriteContext(instance, requesterId, null);
    const invalidated = clearInvalidates === 'alias' ? requesterId : device.function_.requesterId;
    yield* hwInvalidateContext(instance, domainId, invalidated);
    yield* hwInvalidateDomain(instance, domainId);
  }
}

function contextEntryFor(instance: IntelIommu, domain: IommuDomain): ContextEntry {
  const geometry = domain.geometry.readInStep();
  const { addressWidth } = instance.capabilities;
  return {
    tablePage: geometry === null ? 0 : geometry.table.rootPage,
    passThrough: domain.type === 'IDENTITY',
    addressWidth,
    domainId: domain.hardwareId.readInStep(),
  };
}
