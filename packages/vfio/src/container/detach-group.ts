/** A group leaves its container; the last one takes the backend and all mappings with it. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '@iommu-lab/kernel';
import type { VfioGroup } from '../group/vfio-group';

/**
 * Precondition: the group's lock is held, it is in a container, none of its devices is open. `device`: the one being
 * unregistered, whose mutex is held, or null. `@kernel vfio_group_detach_container`
 */
export const detachGroupFromContainer = kernelFunction(
  'vfio_group_detach_container',
  function* detachGroupFromContainer(group: VfioGroup, device: Device | null): Op<void> {
    const container = yield* group.container.load();
    const iommuGroup = yield* group.iommuGroup.load();
    if (container === null || iommuGroup === null) return;
    if ((yield* group.containerUsers.load()) !== 1) group.system.kernel.warn('vfio_group_detach_container');

    yield* container.groupLock.downWrite();
    const target = group.targetOf(iommuGroup, device, device !== null);
    const backend = yield* container.backend.load();
    // Where it was attached with its first device it has been detached with its last: nothing happens.
    if (backend !== null) yield* backend.detachGroup(target);
    yield* group.system.ownership.release(target, group);
    yield* group.container.store(null);
    yield* group.containerUsers.store(0);
    yield* container.groups.remove(group);
    // A container without a group is nobody's any more: it goes back to what it was when it was opened.
    if (backend !== null && (yield* container.groups.load()).length === 0) {
      yield* backend.release();
      yield* container.backend.store(null);
    }
    yield* container.groupLock.upWrite();
    yield* container.put();
  },
);
