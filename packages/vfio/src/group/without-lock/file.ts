/** Opening, asking and closing a group that has no lock. Up to 5.18. `@kernel vfio_group_fops` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, type IommuGroup, iommuGroupDmaOwnerClaimed } from '@iommu-lab/kernel';
import { copyFromUser, type IoctlArgument, readU32, writeU32 } from '../../ioctl/argument';
import { GROUP_STATUS_BYTES, VFIO_GROUP_FLAGS_CONTAINER_SET, VFIO_GROUP_FLAGS_VIABLE } from '../get-status';
import { GroupFile } from '../group-file';
import type { VfioGroup } from '../vfio-group';
import { dropUser } from './container';
import { putGroup } from './lifetime';
import { unlocked } from './unlocked-group';
import { vfioGroupViable } from './viability';

/** EBUSY: it is open, or something of an earlier open is still in use. */
export const openGroup = kernelFunction('vfio_group_fops_open', function* openGroup(group: VfioGroup): Op<
  GroupFile | Errno
> {
  const { opened } = unlocked(group);
  if ((yield* opened.compareExchange(0, 1)) !== 0) return 'EBUSY';
  if ((yield* group.container.load()) !== null) {
    yield* opened.store(0);
    return 'EBUSY';
  }
  return new GroupFile(group);
});

/** An open device keeps the group in its container. */
export const closeGroup = kernelFunction(
  'vfio_group_fops_release',
  function* closeGroup(group: VfioGroup): Op<void> {
    yield* dropUser(unlocked(group));
    yield* unlocked(group).opened.store(0);
    yield* putGroup(group);
  },
);

/** The same where groups have owners: VIABLE in a container, or while nobody uses the group's DMA. */
export const getStatusByOwner = kernelFunction(
  'vfio_group_fops_unl_ioctl',
  function* getStatusByOwner(group: VfioGroup, argument: IoctlArgument): Op<0 | Errno> {
    const status = copyFromUser(argument, GROUP_STATUS_BYTES);
    if (status === 'EFAULT') return 'EFAULT';
    if (readU32(status, 0) < GROUP_STATUS_BYTES) return 'EINVAL';
    const set = (yield* group.container.load()) !== null;
    const iommuGroup = (yield* group.iommuGroup.load()) as IommuGroup;
    const viable = set || !(yield* iommuGroupDmaOwnerClaimed(iommuGroup));
    writeU32(status, 4, (viable ? VFIO_GROUP_FLAGS_VIABLE : 0) | (set ? VFIO_GROUP_FLAGS_CONTAINER_SET : 0));
    return 0;
  },
);

/** EFAULT; EINVAL: argsz is too small. VIABLE says what the members' drivers are now. */
export const getStatus = kernelFunction(
  'vfio_group_fops_unl_ioctl',
  function* getStatus(group: VfioGroup, argument: IoctlArgument): Op<0 | Errno> {
    const status = copyFromUser(argument, GROUP_STATUS_BYTES);
    if (status === 'EFAULT') return 'EFAULT';
    if (readU32(status, 0) < GROUP_STATUS_BYTES) return 'EINVAL';
    const viable = yield* vfioGroupViable(unlocked(group));
    const set = (yield* group.container.load()) !== null;
    writeU32(status, 4, (viable ? VFIO_GROUP_FLAGS_VIABLE : 0) | (set ? VFIO_GROUP_FLAGS_CONTAINER_SET : 0));
    return 0;
  },
);

/** EINVAL: the group is in no container, that has no backend, or a member is on a kernel driver. `@kernel vfio_group_get_device_fd` */
export function* mayGiveDevices(group: VfioGroup): Op<0 | Errno> {
  const refused = yield* mayGiveOwnedDevices(group);
  if (refused !== 0) return refused;
  return (yield* vfioGroupViable(unlocked(group))) ? 0 : 'EINVAL';
}

/** EINVAL: the group is in no container, or that has no backend. Where groups have owners. */
export function* mayGiveOwnedDevices(group: VfioGroup): Op<0 | Errno> {
  const container = yield* group.container.load();
  if ((yield* unlocked(group).users.load()) === 0 || container === null) return 'EINVAL';
  return (yield* container.backend.loadRacy()) === null ? 'EINVAL' : 0;
}
