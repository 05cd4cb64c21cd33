/**
 * A vfio_group as it was before it had a lock of its own: its users are counted, and who is in the middle of a change is
 * not kept out. Up to 5.18. `@kernel struct vfio_group` (read in 5.16)
 */
import { AtomicInteger, ListCell, Mutex } from '@iommu-lab/explorer';
import type { Device, IommuGroup } from '@iommu-lab/kernel';
import type { VfioKernel } from '../../vfio-kernel';
import { VfioGroup } from '../vfio-group';

export class UnlockedGroup extends VfioGroup {
  /** 1 while the group's file is open. */
  readonly opened: AtomicInteger;
  /** container_users: 1 for the container itself, and one for each open device file. */
  readonly users: AtomicInteger;
  readonly unboundLock: Mutex;
  /** Devices whose driver is letting go of them: they still have it, and do not count against viability. */
  readonly unbound: ListCell<Device>;

  constructor(system: VfioKernel, iommuGroup: IommuGroup, number: number) {
    super(system, iommuGroup, number, false);
    this.opened = new AtomicInteger(this, 'opened');
    this.users = new AtomicInteger(this, 'container_users');
    this.unboundLock = new Mutex(this, 'unbound_lock', 'vfio_group.unbound_lock');
    this.unbound = new ListCell<Device>(this, 'unbound_list', this.unboundLock);
  }
}

/** Precondition: an era whose groups have no lock runs. */
export function unlocked(group: VfioGroup): UnlockedGroup {
  return group as UnlockedGroup;
}
