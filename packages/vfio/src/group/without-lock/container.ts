/**
 * A group joins and leaves a container, kept apart only by the count of its users. The driver of a sibling is not
 * looked at: that comes when a device is opened. Up to 5.18. `@kernel vfio_group_set_container`,
 * `vfio_group_unset_container`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno, IommuGroup } from '@iommu-lab/kernel';
import { attachesWithDevice } from '../../container/attach-time';
import { ContainerFile } from '../../container/container-file';
import type { VfioContainer } from '../../container/vfio-container';
import { fput } from '../../files/fput';
import { copyFromUser, type IoctlArgument } from '../../ioctl/argument';
import type { Task } from '../../task/task';
import type { VfioGroup } from '../vfio-group';
import { type UnlockedGroup, unlocked } from './unlocked-group';

/**
 * EFAULT; EINVAL: a container is set, a negative descriptor, another kind of file; EBADF: not open. Otherwise the
 * errors of the design's claim and of the backend's attach.
 */
export const setContainer = kernelFunction(
  'vfio_group_set_container',
  function* setContainer(group: VfioGroup, task: Task, argument: IoctlArgument): Op<0 | Errno> {
    const descriptor = copyFromUser(argument, 4);
    if (descriptor === 'EFAULT') return 'EFAULT';
    const number = descriptor.getInt32(0, true);
    if (number < 0 || (yield* unlocked(group).users.load()) !== 0) return 'EINVAL';
    const file = yield* task.files.get(number);
    if (file === null) return 'EBADF';
    const error = file instanceof ContainerFile ? yield* join(unlocked(group), file.container) : 'EINVAL';
    yield* fput(file);
    return error;
  },
);

/** The group is in the container only after the attach: whoever looks meanwhile sees it in none. */
function* join(group: UnlockedGroup, container: VfioContainer): Op<0 | Errno> {
  yield* container.groupLock.downWrite();
  const error = yield* claimAndAttach(group, container);
  if (error === 0) {
    yield* group.container.store(container);
    yield* container.groups.addHead(group);
    yield* container.refs.get();
    yield* group.users.add(1);
  }
  yield* container.groupLock.upWrite();
  return error;
}

function* claimAndAttach(group: UnlockedGroup, container: VfioContainer): Op<0 | Errno> {
  const { ownership } = group.system;
  const target = group.targetOf((yield* group.iommuGroup.load()) as IommuGroup, null, false);
  const refused = yield* ownership.claim(target, group);
  if (refused !== 0) return refused;
  const backend = yield* container.backend.load();
  if (backend === null || attachesWithDevice(group.system)) return 0;
  const error = yield* backend.attachGroup(target);
  if (error !== 0) yield* ownership.release(target, group);
  return error;
}

/** EINVAL: no container is set. EBUSY: a device of the group is open. */
export const unsetContainer = kernelFunction(
  'vfio_group_unset_container',
  function* unsetContainer(group: VfioGroup): Op<0 | Errno> {
    const users = yield* unlocked(group).users.compareExchange(1, 0);
    if (users === 0) return 'EINVAL';
    if (users !== 1) return 'EBUSY';
    yield* leave(unlocked(group));
    return 0;
  },
);

/** One user less; the last one takes the group out of its container. `@kernel vfio_group_try_dissolve_container` */
export function* dropUser(group: UnlockedGroup): Op<void> {
  let last = false;
  yield* group.users.update((users) => {
    last = users === 1;
    return users > 0 ? users - 1 : users;
  });
  if (last) yield* leave(group);
}

/** Whoever waits for the group to be in no container goes on. `@kernel __vfio_group_unset_container` */
const leave = kernelFunction('__vfio_group_unset_container', function* leave(group: UnlockedGroup): Op<void> {
  const container = yield* group.container.load();
  if (container === null) return;
  yield* container.groupLock.downWrite();
  const target = group.targetOf((yield* group.iommuGroup.load()) as IommuGroup, null, false);
  const backend = yield* container.backend.load();
  if (backend !== null) yield* backend.detachGroup(target);
  yield* group.system.ownership.release(target, group);
  yield* group.container.store(null);
  yield* container.groups.remove(group);
  if (backend !== null && (yield* container.groups.load()).length === 0) {
    yield* backend.release();
    yield* container.backend.store(null);
  }
  yield* container.groupLock.upWrite();
  yield* container.put();
});
