/** VFIO's groups: one for each IOMMU group of which a member is bound to a vfio driver. `@kernel struct vfio_group` */
import { Cell, KernelObject, ListCell, Mutex, type Op, Refcount } from '@iommu-lab/explorer';
import type { Device, IommuGroup, Members, Target } from '@iommu-lab/kernel';
import type { VfioContainer } from '../container/vfio-container';
import type { VfioDevice } from '../device/vfio-device';
import type { OpenFile } from '../files/open-file';
import type { VfioKernel } from '../vfio-kernel';
import { groupMembers } from './members';

export class VfioGroup extends KernelObject {
  /** The structure's memory: the group itself while it is listed, and its open file. */
  readonly refs: Refcount;
  /** Registered devices. At zero the group is taken apart, whoever still has it open. */
  readonly drivers: Refcount;
  /** group_lock: guards what follows up to the device list, and orders attach, open and unplug. */
  readonly groupLock: Mutex;
  /** Null once the last device has gone. */
  readonly iommuGroup: Cell<IommuGroup | null>;
  readonly openedFile: Cell<OpenFile | null>;
  readonly container: Cell<VfioContainer | null>;
  /** 1 for the container itself, and one for each open device. */
  readonly containerUsers: Cell<number>;
  readonly deviceLock: Mutex;
  readonly devices: ListCell<VfioDevice>;
  readonly members: Members;

  constructor(
    readonly system: VfioKernel,
    iommuGroup: IommuGroup,
    /** The IOMMU group's number, which names the file in /dev/vfio. */
    readonly number: number,
    /** Whether the kernel's groups have a lock of their own. */
    locked = true,
  ) {
    super(system.world, 'vfio_group');
    this.refs = new Refcount(this, 'dev.kref', 1);
    this.drivers = new Refcount(this, 'drivers', 1);
    this.groupLock = new Mutex(this, 'group_lock', 'vfio_group.group_lock');
    const guard = locked ? this.groupLock : null;
    this.iommuGroup = new Cell<IommuGroup | null>(this, 'iommu_group', iommuGroup, guard);
    this.openedFile = new Cell<OpenFile | null>(this, 'opened_file', null, this.groupLock);
    this.container = new Cell<VfioContainer | null>(this, 'container', null, guard);
    this.containerUsers = new Cell(this, 'container_users', 0, this.groupLock);
    this.deviceLock = new Mutex(this, 'device_lock', 'vfio_group.device_lock');
    this.devices = new ListCell<VfioDevice>(this, 'device_list', this.deviceLock);
    this.members = groupMembers(this);
  }

  /**
   * What a design is told. `device`: the one being unregistered, whose mutex the caller holds (`deviceLocked`), or the
   * one of an open file, or null. Precondition: groupLock is held and the group still has its IOMMU group.
   */
  targetOf(group: IommuGroup, device: Device | null, deviceLocked: boolean): Target {
    return { group, device, deviceLocked, members: this.members };
  }

  /** Drops a reference to the structure; the last one frees it. `@kernel put_device(&group->dev)` */
  *put(): Op<void> {
    if (yield* this.refs.put()) yield* this.free();
  }
}
