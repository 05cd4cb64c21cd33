/**
 * Whether a group is left to user space: VFIO's own answer before the kernel knew owners. Every member must be without
 * a driver, on one that does no DMA, or on a vfio driver. Nothing keeps a driver from binding while the group is in
 * use: VFIO hears of it afterwards, and stops the machine. Up to 5.18. `@kernel vfio_group_viable`
 */
import { KernelBug, kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device, GroupEvent, GroupListener, IommuGroup } from '@iommu-lab/kernel';
import { iommuGroupForEachDev } from '@iommu-lab/kernel';
import { type UnlockedGroup, unlocked } from './unlocked-group';

/** Drivers that do no DMA of their own. `@kernel vfio_driver_allowed` */
const HARMLESS = ['pci-stub', 'pcieport'];

/** Asks all members under the IOMMU group's lock. An empty group is viable. */
export function* vfioGroupViable(group: UnlockedGroup): Op<boolean> {
  // The vfio_group keeps its IOMMU group as long as it lives.
  const iommuGroup = (yield* group.iommuGroup.load()) as IommuGroup;
  const bad = yield* iommuGroupForEachDev(iommuGroup, function* ask(device) {
    return (yield* vfioDevViable(group, device)) ? 0 : 1;
  });
  return bad === 0;
}

/** `@kernel vfio_dev_viable` */
function* vfioDevViable(group: UnlockedGroup, device: Device): Op<boolean> {
  const driver = yield* device.driver.loadRacy();
  yield* group.unboundLock.lock();
  const leaving = (yield* group.unbound.load()).includes(device);
  yield* group.unboundLock.unlock();
  if (leaving || driver === null || HARMLESS.includes(driver.name)) return true;
  yield* group.deviceLock.lock();
  const registered = (yield* group.devices.load()).some((member) => member.device === device);
  yield* group.deviceLock.unlock();
  return registered;
}

/** What a group hears of its members while it exists. */
export function groupListener(group: UnlockedGroup, iommuGroup: IommuGroup): GroupListener {
  return { group: iommuGroup, notify: (event, device) => hear(group, event, device) };
}

/**
 * A device added to a group in use is a warning; a driver that makes a group in use unviable is a BUG, after the bind.
 * A driver that has gone takes its device off the list of those that are leaving.
 */
const hear = kernelFunction(
  'vfio_iommu_group_notifier',
  function* hear(group: UnlockedGroup, event: GroupEvent, device: Device): Op<void> {
    switch (event) {
      case 'added':
        if ((yield* group.users.load()) !== 0) group.system.kernel.warn('vfio_iommu_group_notifier');
        break;
      case 'bound':
        if ((yield* group.users.load()) === 0) break;
        if (!(yield* vfioDevViable(unlocked(group), device))) {
          throw new KernelBug(`${device.name} was bound to a kernel driver while its group is in use`);
        }
        break;
      case 'unbound':
        yield* group.unboundLock.lock();
        if ((yield* group.unbound.load()).includes(device)) yield* group.unbound.remove(device);
        yield* group.unboundLock.unlock();
    }
  },
);
