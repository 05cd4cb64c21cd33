/** /dev/vfio/N: an IOMMU group, open at most once. `@kernel vfio_group_fops` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, isErrno } from '@iommu-lab/kernel';
import { detachGroupFromContainer } from '../container/detach-group';
import { OpenFile } from '../files/open-file';
import type { IoctlArgument } from '../ioctl/argument';
import {
  VFIO_GROUP_GET_DEVICE_FD,
  VFIO_GROUP_GET_STATUS,
  VFIO_GROUP_SET_CONTAINER,
  VFIO_GROUP_UNSET_CONTAINER,
} from '../ioctl/numbers';
import type { Task } from '../task/task';
import { vfioGroupGetDeviceFd } from './get-device-fd';
import type { VfioGroup } from './vfio-group';

export class GroupFile extends OpenFile {
  /** The file takes over a reference to the group's structure. */
  constructor(readonly group: VfioGroup) {
    super(group.system.kernel, 'file.vfio-group');
  }

  override *ioctl(task: Task, request: number, argument: IoctlArgument): Op<number | Errno> {
    const { group } = this;
    switch (request) {
      case VFIO_GROUP_GET_DEVICE_FD:
        return yield* vfioGroupGetDeviceFd(group, task, argument);
      case VFIO_GROUP_GET_STATUS:
        return yield* group.system.era.group.getStatus(group, argument);
      case VFIO_GROUP_SET_CONTAINER:
        return yield* group.system.era.group.setContainer(group, task, argument);
      case VFIO_GROUP_UNSET_CONTAINER:
        return yield* group.system.era.group.unsetContainer(group);
      default:
        return 'ENOTTY';
    }
  }

  /** The group leaves its container. No device is open: each holds this file. */
  override *release(): Op<void> {
    yield* this.group.system.era.group.close(this.group);
  }
}

/** `@kernel vfio_group_fops_release`, and the file's reference to the group's structure. */
export function* closeGroupFile(group: VfioGroup): Op<void> {
  yield* releaseGroup(group);
  yield* group.put();
}

const releaseGroup = kernelFunction(
  'vfio_group_fops_release',
  function* releaseGroup(group: VfioGroup): Op<void> {
    yield* group.groupLock.lock();
    if ((yield* group.container.load()) !== null) yield* detachGroupFromContainer(group, null);
    yield* group.openedFile.store(null);
    yield* group.groupLock.unlock();
  },
);

/**
 * Opens a group, which takes over a reference to its structure; after an error the caller drops it. ENODEV: its last
 * device has gone. EBUSY: it is open. `@kernel vfio_group_fops_open`
 */
export const openGroupFile = kernelFunction(
  'vfio_group_fops_open',
  function* openGroupFile(group: VfioGroup): Op<GroupFile | Errno> {
    yield* group.groupLock.lock();
    const file = yield* openLocked(group);
    if (!isErrno(file)) yield* group.openedFile.store(file);
    yield* group.groupLock.unlock();
    return file;
  },
);

function* openLocked(group: VfioGroup): Op<GroupFile | Errno> {
  if ((yield* group.drivers.read()) === 0) return 'ENODEV';
  if ((yield* group.openedFile.load()) !== null) return 'EBUSY';
  return new GroupFile(group);
}
