/** VFIO_GROUP_GET_STATUS: `struct vfio_group_status { u32 argsz, flags }`. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, type IommuGroup, iommuGroupDmaOwnerClaimed } from '@iommu-lab/kernel';
import { copyFromUser, type IoctlArgument, readU32, writeU32 } from '../ioctl/argument';
import type { VfioGroup } from './vfio-group';

export const GROUP_STATUS_BYTES = 8;
export const VFIO_GROUP_FLAGS_VIABLE = 1;
export const VFIO_GROUP_FLAGS_CONTAINER_SET = 2;

/**
 * EFAULT; EINVAL: argsz is too small; ENODEV: the group's last device has gone. Without a container VIABLE is a hint
 * that may be stale at once. `@kernel vfio_group_ioctl_get_status`
 */
export const vfioGroupGetStatus = kernelFunction(
  'vfio_group_ioctl_get_status',
  function* vfioGroupGetStatus(group: VfioGroup, argument: IoctlArgument): Op<0 | Errno> {
    const status = copyFromUser(argument, GROUP_STATUS_BYTES);
    if (status === 'EFAULT') return 'EFAULT';
    if (readU32(status, 0) < GROUP_STATUS_BYTES) return 'EINVAL';
    yield* group.groupLock.lock();
    const iommuGroup = yield* group.iommuGroup.load();
    const flags = iommuGroup === null ? null : yield* statusFlags(group, iommuGroup);
    yield* group.groupLock.unlock();
    if (flags === null) return 'ENODEV';
    writeU32(status, 4, flags);
    return 0;
  },
);

function* statusFlags(group: VfioGroup, iommuGroup: IommuGroup): Op<number> {
  if ((yield* group.container.load()) !== null) {
    return VFIO_GROUP_FLAGS_CONTAINER_SET | VFIO_GROUP_FLAGS_VIABLE;
  }
  return (yield* iommuGroupDmaOwnerClaimed(iommuGroup)) ? 0 : VFIO_GROUP_FLAGS_VIABLE;
}
