/**
 * The shared state of the mailing-list thread's scenario: one group of two devices, a VFIO group and its container.
 *
 * A litmus test for the explorer, apart from the kernel model: no fields are guarded here, every access of every field
 * is a scheduling point, so that one event of the program is one atomic step of its Promela twin.
 */
import { Cell, KernelObject, Mutex, type Op, Refcount, RwSemaphore, type World } from '../../src/index';

export const DEFAULT_DOMAIN = 1;
export const USER_DOMAIN = 2;

/** A bus type: static, or of a module that can be unloaded. `@kernel struct bus_type` */
export class Bus extends KernelObject {
  readonly iommuOps: Cell<boolean>;

  constructor(world: World) {
    super(world, 'bus', 'bus');
    this.iommuOps = new Cell(this, 'iommu_ops', true);
  }
}

/** `@kernel struct device` */
export class Device extends KernelObject {
  readonly references: Refcount;
  readonly mutex: Mutex;
  readonly driver: Cell<string>;
  readonly bus: Cell<Bus>;
  readonly iommuGroup: Cell<boolean>;
  /** Whether the group lists it: a field of the group, so its access does not touch the device. */
  readonly listed: Cell<boolean>;

  constructor(world: World, name: string, bus: Bus, driver: string) {
    super(world, 'device', name);
    this.references = new Refcount(this, 'kref', 1);
    this.mutex = new Mutex(this, 'mutex', 'device.mutex');
    this.driver = new Cell(this, 'driver', driver);
    this.bus = new Cell(this, 'bus', bus);
    this.iommuGroup = new Cell(this, 'iommu_group', true);
    this.listed = new Cell(world, `group.devices.${name}`, true);
  }

  /** Drops a reference; the last one frees. `@kernel put_device` */
  *put(): Op<void> {
    if (yield* this.references.put()) yield* this.free();
  }
}

/** Everything that the threads share. */
export class Scene {
  readonly bus: Bus;
  /** The one that is unplugged; bound to vfio-pci. */
  readonly unplugged: Device;
  /** The other member of the group, which a kernel driver probes. */
  readonly sibling: Device;
  /** `@kernel iommu_group.mutex` */
  readonly groupMutex: Mutex;
  readonly groupDomain: Cell<number>;
  readonly userOwnsGroup: Cell<boolean>;
  /** Kernel drivers that use the group for DMA. `@kernel iommu_group.owner_cnt` */
  readonly kernelUsers: Cell<number>;
  /** `@kernel vfio_container.group_lock` */
  readonly containerLock: RwSemaphore;
  /** `@kernel vfio_iommu.lock` */
  readonly iommuLock: Mutex;
  /** `@kernel vfio_group.device_lock` */
  readonly deviceListLock: Mutex;
  /** The first device that VFIO knows of the group, or null. `@kernel vfio_group.device_list` */
  readonly vfioDevice: Cell<Device | null>;
  /** Whether the VFIO group is in a container. `@kernel vfio_group.container` */
  readonly inContainer: Cell<boolean>;

  constructor(readonly world: World) {
    this.bus = new Bus(world);
    this.unplugged = new Device(world, 'dev0', this.bus, 'vfio-pci');
    this.sibling = new Device(world, 'dev1', this.bus, '');
    this.groupMutex = new Mutex(world, 'group.mutex');
    this.groupDomain = new Cell(world, 'group.domain', DEFAULT_DOMAIN);
    this.userOwnsGroup = new Cell(world, 'group.owner', false);
    this.kernelUsers = new Cell(world, 'group.owner_cnt', 0);
    this.containerLock = new RwSemaphore(world, 'container.group_lock');
    this.iommuLock = new Mutex(world, 'vfio_iommu.lock');
    this.deviceListLock = new Mutex(world, 'vfio_group.device_lock');
    this.vfioDevice = new Cell<Device | null>(world, 'vfio_group.device_list', this.unplugged);
    this.inContainer = new Cell(world, 'vfio_group.container', false);
  }

  /** The first device that the group lists, or null. Call with the group's mutex held. */
  *firstDevice(): Op<Device | null> {
    for (const device of [this.unplugged, this.sibling]) if (yield* device.listed.load()) return device;
    return null;
  }

  /** `@kernel iommu_domain_alloc` */
  *allocateDomain(bus: Bus): Op<number> {
    yield* bus.iommuOps.load();
    return USER_DOMAIN;
  }

  /** Puts the whole group on a domain; it looks at the bus of every device it lists. */
  *setGroupDomain(domain: number): Op<void> {
    yield* this.groupMutex.lock();
    for (const device of [this.unplugged, this.sibling]) {
      if (yield* device.listed.load()) yield* device.bus.load();
    }
    yield* this.groupDomain.store(domain);
    yield* this.groupMutex.unlock();
  }

  /** Attaches the group of a device, if it is in one still. Answers whether it did. `@kernel iommu_attach_device` */
  *attachDevice(domain: number, device: Device): Op<boolean> {
    if (!(yield* device.iommuGroup.load())) return false;
    yield* this.setGroupDomain(domain);
    return true;
  }
}
