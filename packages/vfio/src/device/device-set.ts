/**
 * Device sets: vfio devices that can only be reset together. Their lock serialises open, close and reset.
 * `@kernel struct vfio_device_set`
 */
import { Cell, KernelObject, ListCell, Mutex, type Op, StructureCell, type World } from '@iommu-lab/explorer';
import type { VfioDevice } from './vfio-device';

export class DeviceSet extends KernelObject {
  readonly lock: Mutex;
  readonly devices: ListCell<VfioDevice>;
  /** Members; counted under the lock of the table of sets. */
  readonly count: Cell<number>;

  constructor(
    world: World,
    /** What the devices share: a bus, or the one device itself. */
    readonly id: unknown,
    tableLock: Mutex,
  ) {
    super(world, 'vfio_device_set');
    this.lock = new Mutex(this, 'lock', 'vfio_device_set.lock');
    this.devices = new ListCell<VfioDevice>(this, 'device_list', this.lock);
    this.count = new Cell(this, 'device_count', 0, tableLock);
  }
}

/** The table of all sets. `@kernel vfio_device_set_xa` */
export class DeviceSets {
  readonly #lock: Mutex;
  readonly #sets: StructureCell<Map<unknown, DeviceSet>>;

  constructor(readonly world: World) {
    this.#lock = new Mutex(world, 'vfio_device_set_xa.lock');
    this.#sets = new StructureCell(world, 'vfio_device_set_xa', new Map<unknown, DeviceSet>(), this.#lock);
  }

  /** Puts a device into the set of that id, made where absent. `@kernel vfio_assign_device_set` */
  *assign(device: VfioDevice, id: unknown): Op<void> {
    yield* this.#lock.lock();
    const existing = yield* this.#sets.read((sets) => sets.get(id));
    const set = existing ?? new DeviceSet(this.world, id, this.#lock);
    if (existing === undefined) {
      yield* this.#sets.change({ apply: (sets) => sets.set(id, set), undo: (sets) => sets.delete(id) });
    }
    yield* set.count.store((yield* set.count.load()) + 1);
    yield* this.#lock.unlock();
    yield* set.lock.lock();
    device.deviceSet = set;
    yield* set.devices.addTail(device);
    yield* set.lock.unlock();
  }

  /** Takes a device out of its set; the last one frees it. `@kernel vfio_release_device_set` */
  *release(device: VfioDevice): Op<void> {
    const set = device.deviceSet;
    yield* set.lock.lock();
    yield* set.devices.remove(device);
    yield* set.lock.unlock();
    yield* this.#lock.lock();
    const left = (yield* set.count.load()) - 1;
    yield* set.count.store(left);
    if (left === 0) {
      const { id } = set;
      yield* this.#sets.change({ apply: (sets) => sets.delete(id), undo: (sets) => sets.set(id, set) });
    }
    yield* this.#lock.unlock();
    if (left === 0) yield* set.free();
  }
}
