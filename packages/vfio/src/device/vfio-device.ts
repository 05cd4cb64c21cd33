/**
 * A device registered with VFIO. Drivers derive their own kind from it. `@kernel struct vfio_device`,
 * `struct vfio_device_ops`
 */
import { Cell, Completion, KernelObject, type Op, Refcount } from '@iommu-lab/explorer';
import type { Device, Errno, RegisteredDevice } from '@iommu-lab/kernel';
import type { MapRequest } from '../files/open-file';
import type { VfioGroup } from '../group/vfio-group';
import type { IoctlArgument } from '../ioctl/argument';
import type { Task } from '../task/task';
import type { VfioKernel } from '../vfio-kernel';
import type { DeviceFile } from './device-file';
import type { DeviceSet } from './device-set';

export abstract class VfioDevice extends KernelObject implements RegisteredDevice {
  /** refcount: 1 while registered, and one for each open file and each pin by a design. */
  readonly registration: Refcount;
  /** comp: completed when the last registration reference goes. */
  readonly unregistered: Completion;
  #deviceSet: DeviceSet | null = null;
  #group: VfioGroup | null = null;
  #openCount: Cell<number> | null = null;

  constructor(
    readonly system: VfioKernel,
    readonly device: Device,
  ) {
    super(system.world, 'vfio_device');
    this.registration = new Refcount(this, 'refcount', 1);
    this.unregistered = new Completion(this, 'comp');
  }

  /** Set once, before the device is registered. */
  get deviceSet(): DeviceSet {
    if (this.#deviceSet === null) throw new TypeError(`${this.label} has no device set yet`);
    return this.#deviceSet;
  }
  set deviceSet(set: DeviceSet) {
    this.#deviceSet = set;
    this.#openCount = new Cell(this, 'open_count', 0, set.lock);
  }

  /** Set once, when the device is registered. */
  get group(): VfioGroup {
    if (this.#group === null) throw new TypeError(`${this.label} has no group yet`);
    return this.#group;
  }
  set group(group: VfioGroup) {
    this.#group = group;
  }

  /** Open files; guarded by the set's lock. */
  get openCount(): Cell<number> {
    if (this.#openCount === null) throw new TypeError(`${this.label} has no device set yet`);
    return this.#openCount;
  }

  /** Whether `name` names this device for GET_DEVICE_FD. */
  matches(name: string): boolean {
    return name === this.device.name;
  }

  /** First open. */
  abstract open(): Op<0 | Errno>;
  /** Last close. */
  abstract close(): Op<void>;
  /** User space is asked to let go of the device; called again and again with a growing count. */
  abstract request(count: number): Op<void>;
  abstract ioctl(task: Task, request: number, argument: IoctlArgument): Op<number | Errno>;
  abstract read(task: Task, target: Uint8Array, position: bigint): Op<number | Errno>;
  abstract write(task: Task, source: Uint8Array, position: bigint): Op<number | Errno>;
  abstract map(file: DeviceFile, task: Task, request: MapRequest): Op<0 | Errno>;
}
