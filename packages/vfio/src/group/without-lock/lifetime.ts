/**
 * A group lives as long as somebody refers to it: each registered device, and its open file. Up to 5.18; so a group
 * whose last device has gone goes on for whoever has it open. `@kernel vfio_group_get_from_iommu`, `vfio_create_group`,
 * `vfio_group_release`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Device, type Errno, type IommuGroup, iommuGroupGet, iommuGroupPut } from '@iommu-lab/kernel';
import type { VfioKernel } from '../../vfio-kernel';
import { putAndLock } from '../driver-count';
import type { VfioGroup } from '../vfio-group';
import { UnlockedGroup } from './unlocked-group';
import { groupListener } from './viability';

/** The device's group with a reference on it, made where there is none. EINVAL: the device has no IOMMU group. */
export const groupForDevice = kernelFunction(
  'vfio_group_get_from_iommu',
  function* groupForDevice(system: VfioKernel, device: Device): Op<VfioGroup | Errno> {
    const iommuGroup = yield* iommuGroupGet(device);
    if (iommuGroup === null) return 'EINVAL';
    yield* system.groupLock.lock();
    const existing = yield* findByIommuGroup(system, iommuGroup);
    if (existing !== null) yield* existing.refs.get();
    const group = existing ?? (yield* createGroup(system, iommuGroup));
    yield* system.groupLock.unlock();
    // A group that was there has a reference of its own; a new one keeps this one.
    if (existing !== null) yield* iommuGroupPut(iommuGroup);
    return group;
  },
);

/** Precondition: vfio.group_lock is held. */
function* findByIommuGroup(system: VfioKernel, iommuGroup: IommuGroup): Op<VfioGroup | null> {
  for (const group of yield* system.groups.load()) {
    if ((yield* group.iommuGroup.load()) === iommuGroup) return group;
  }
  return null;
}

/** Takes over the caller's reference to the IOMMU group. Precondition: vfio.group_lock is held. */
function* createGroup(system: VfioKernel, iommuGroup: IommuGroup): Op<VfioGroup> {
  const group = new UnlockedGroup(system, iommuGroup, iommuGroup.id);
  yield* system.kernel.groupListeners.addTail(groupListener(group, iommuGroup));
  yield* system.groups.addTail(group);
  return group;
}

/** The group of that number with a reference on it, or null. `@kernel vfio_group_get_from_minor` */
export function* groupOfNumber(system: VfioKernel, number: number): Op<VfioGroup | null> {
  yield* system.groupLock.lock();
  const groups = yield* system.groups.load();
  const group = groups.find((candidate) => candidate.number === number) ?? null;
  if (group !== null) yield* group.refs.get();
  yield* system.groupLock.unlock();
  return group;
}

/** Drops a reference; the last one ends the group. `@kernel vfio_group_put` */
export function* putGroup(group: VfioGroup): Op<void> {
  const { system } = group;
  if (!(yield* putAndLock(group.refs, system.groupLock))) return;
  yield* system.groups.remove(group);
  yield* system.groupLock.unlock();
  const iommuGroup = yield* group.iommuGroup.load();
  const listeners = yield* system.kernel.groupListeners.load();
  const own = listeners.find((listener) => listener.group === iommuGroup);
  if (own !== undefined) yield* system.kernel.groupListeners.remove(own);
  yield* group.free();
  if (iommuGroup !== null) yield* iommuGroupPut(iommuGroup);
}
