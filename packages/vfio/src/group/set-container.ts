/** VFIO_GROUP_SET_CONTAINER (the argument points to a descriptor) and VFIO_GROUP_UNSET_CONTAINER. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { attachGroupToContainer } from '../container/attach-group';
import { ContainerFile } from '../container/container-file';
import { detachGroupFromContainer } from '../container/detach-group';
import { fput } from '../files/fput';
import type { OpenFile } from '../files/open-file';
import { copyFromUser, type IoctlArgument } from '../ioctl/argument';
import type { Task } from '../task/task';
import type { VfioGroup } from './vfio-group';

/**
 * EFAULT; EBADF: not open; EINVAL: a container is set; ENODEV: the group's last device has gone; another kind of file:
 * by the era. Otherwise the errors of joining. `@kernel vfio_group_ioctl_set_container`
 */
export const vfioGroupSetContainer = kernelFunction(
  'vfio_group_ioctl_set_container',
  function* vfioGroupSetContainer(group: VfioGroup, task: Task, argument: IoctlArgument): Op<0 | Errno> {
    const descriptor = copyFromUser(argument, 4);
    if (descriptor === 'EFAULT') return 'EFAULT';
    const file = yield* task.files.get(descriptor.getInt32(0, true));
    if (file === null) return 'EBADF';
    yield* group.groupLock.lock();
    const error = yield* setContainerLocked(group, file);
    yield* group.groupLock.unlock();
    yield* fput(file);
    return error;
  },
);

function* setContainerLocked(group: VfioGroup, file: OpenFile): Op<0 | Errno> {
  if ((yield* group.container.load()) !== null) return 'EINVAL';
  const iommuGroup = yield* group.iommuGroup.load();
  if (iommuGroup === null) return 'ENODEV';
  if (!(file instanceof ContainerFile)) return group.system.era.setContainerToOtherFile;
  return yield* attachGroupToContainer(group, file.container, iommuGroup);
}

/** EINVAL: no container is set. EBUSY: a device of the group is open. `@kernel vfio_group_ioctl_unset_container` */
export const vfioGroupUnsetContainer = kernelFunction(
  'vfio_group_ioctl_unset_container',
  function* vfioGroupUnsetContainer(group: VfioGroup): Op<0 | Errno> {
    yield* group.groupLock.lock();
    const error = yield* unsetContainerLocked(group);
    yield* group.groupLock.unlock();
    return error;
  },
);

function* unsetContainerLocked(group: VfioGroup): Op<0 | Errno> {
  if ((yield* group.container.load()) === null) return 'EINVAL';
  if ((yield* group.containerUsers.load()) !== 1) return 'EBUSY';
  yield* detachGroupFromContainer(group, null);
  return 0;
}
