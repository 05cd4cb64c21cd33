/**
 * A group joins a container: its DMA is claimed, and attached where the container has a backend already and the design
 * does not wait for a device.
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno, IommuGroup } from '@iommu-lab/kernel';
import type { VfioGroup } from '../group/vfio-group';
import { attachesWithDevice } from './attach-time';
import type { VfioContainer } from './vfio-container';

/**
 * Precondition: the group's lock is held, and it is in no container. EPERM: a sibling is used by a kernel driver, or
 * somebody else owns the group. EBUSY: an in-kernel user has it on a domain. Otherwise the backend's errors; the
 * ownership is given back then. `@kernel vfio_container_attach_group`
 */
export const attachGroupToContainer = kernelFunction(
  'vfio_container_attach_group',
  function* attachGroupToContainer(
    group: VfioGroup,
    container: VfioContainer,
    iommuGroup: IommuGroup,
  ): Op<0 | Errno> {
    yield* container.groupLock.downWrite();
    const error = yield* claimAndAttach(group, container, iommuGroup);
    if (error === 0) {
      yield* group.container.store(container);
      yield* group.containerUsers.store(1);
      yield* container.groups.addHead(group);
      yield* container.refs.get();
    }
    yield* container.groupLock.upWrite();
    return error;
  },
);

function* claimAndAttach(group: VfioGroup, container: VfioContainer, iommuGroup: IommuGroup): Op<0 | Errno> {
  const { ownership } = group.system;
  const target = group.targetOf(iommuGroup, null, false);
  const refused = yield* ownership.claim(target, group);
  if (refused !== 0) return refused;
  const backend = yield* container.backend.load();
  if (backend === null || attachesWithDevice(group.system)) return 0;
  const error = yield* backend.attachGroup(target);
  if (error !== 0) yield* ownership.release(target, group);
  return error;
}
