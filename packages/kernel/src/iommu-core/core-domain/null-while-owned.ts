/**
 * Where the core keeps a group that is on nobody's domain: on none while it is owned, else on its default domain.
 * The tree of February 2022. `@kernel __iommu_detach_group` (read in the patches)
 */
import type { Op } from '@iommu-lab/explorer';
import type { IommuGroup } from '../../group';

/** Precondition: group.mutex is held. Cannot fail. */
export function* coreDomainNullWhileOwned(group: IommuGroup): Op<void> {
  if ((yield* group.owner.load()) !== null) {
    yield* detachAll(group);
    return;
  }
  const defaultDomain = yield* group.defaultDomain.load();
  if (defaultDomain === null) return;
  const error = yield* group.kernel.era.setDomainForRelease(group, defaultDomain);
  if (error !== 0) group.kernel.warn('iommu_detach_group');
}

/** Every member off whatever it is on, by the driver's detach. Precondition: group.mutex is held. */
export function* detachAll(group: IommuGroup): Op<void> {
  for (const device of yield* group.devices.load()) {
    const instance = yield* device.iommu.load();
    if (instance !== null) yield* instance.driver.detach(instance, device);
  }
  yield* group.domain.store(null);
}
