/** References to groups: they keep memory and id, never membership. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import { IommuGroup } from '../group';
import type { Kernel } from '../kernel';
import { iommuDomainFree } from './domain-alloc';

/** The device's group with a reference on it, or null. The caller puts it. `@kernel iommu_group_get` */
export const iommuGroupGet = kernelFunction(
  'iommu_group_get',
  function* iommuGroupGet(device: Device): Op<IommuGroup | null> {
    const group = yield* device.group.load();
    if (group !== null) yield* group.refs.get();
    return group;
  },
);

/** Drops a reference; the last one frees the group, its domains and its number. `@kernel iommu_group_put` */
export const iommuGroupPut = kernelFunction(
  'iommu_group_put',
  function* iommuGroupPut(group: IommuGroup): Op<void> {
    if (!(yield* group.refs.put())) return;
    yield* freeGroupDomains(group);
    yield* group.kernel.groupNumbers.release(group.id);
    yield* group.free();
  },
);

/** A new group with one reference, the caller's. `@kernel iommu_group_alloc` */
export function* groupAlloc(kernel: Kernel, label: string): Op<IommuGroup> {
  return new IommuGroup(kernel, yield* kernel.groupNumbers.allocate(label));
}

/**
 * Frees what the core made for the group. Static domains are the driver's and stay. Precondition: group.mutex is held,
 * or nobody has the group any more.
 */
export function* freeGroupDomains(group: IommuGroup): Op<void> {
  for (const cell of [group.defaultDomain, group.blockingDomain]) {
    const domain = cell.readInStep();
    if (domain === null) continue;
    cell.writeInStep(null);
    if (domain.type === 'DMA' || domain.type === 'UNMANAGED') yield* iommuDomainFree(domain);
  }
  group.domain.writeInStep(null);
}
