/** The vfio_group of a device that is being registered: an existing one, or a new one with its file in /dev/vfio. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Device, type Errno, type IommuGroup, iommuGroupGet, iommuGroupPut } from '@iommu-lab/kernel';
import type { VfioKernel } from '../vfio-kernel';
import { VfioGroup } from './vfio-group';

/** Counts one more driver in the group. EINVAL: the device has no IOMMU group. `@kernel vfio_group_find_or_alloc` */
export const vfioGroupFindOrCreate = kernelFunction(
  'vfio_group_find_or_alloc',
  function* vfioGroupFindOrCreate(system: VfioKernel, device: Device): Op<VfioGroup | Errno> {
    const iommuGroup = yield* iommuGroupGet(device);
    if (iommuGroup === null) return 'EINVAL';
    yield* system.groupLock.lock();
    const existing = yield* findByIommuGroup(system, iommuGroup);
    if (existing !== null) yield* existing.drivers.get();
    const group = existing ?? (yield* createGroup(system, iommuGroup));
    yield* system.groupLock.unlock();
    // The vfio_group has a reference of its own.
    yield* iommuGroupPut(iommuGroup);
    return group;
  },
);

/** Precondition: vfio.group_lock is held, so that nobody takes a group apart. `@kernel vfio_group_find_from_iommu` */
function* findByIommuGroup(system: VfioKernel, iommuGroup: IommuGroup): Op<VfioGroup | null> {
  for (const group of yield* system.groups.load()) {
    if ((yield* group.iommuGroup.loadRacy()) === iommuGroup) return group;
  }
  return null;
}

/** Precondition: vfio.group_lock is held. `@kernel vfio_create_group` */
function* createGroup(system: VfioKernel, iommuGroup: IommuGroup): Op<VfioGroup> {
  const group = new VfioGroup(system, iommuGroup, iommuGroup.id);
  yield* iommuGroup.refs.get();
  yield* system.characterLock.lock();
  yield* system.characterDevices.addTail(group);
  yield* system.characterLock.unlock();
  yield* system.groups.addTail(group);
  return group;
}

/** The group behind a character device with a reference on it. `@kernel chrdev_open` */
export function* groupNumbered(system: VfioKernel, number: number): Op<VfioGroup | null> {
  yield* system.characterLock.lock();
  const groups = yield* system.characterDevices.load();
  const group = groups.find((candidate) => candidate.number === number) ?? null;
  if (group !== null) yield* group.refs.get();
  yield* system.characterLock.unlock();
  return group;
}
