/**
 * How SET_IOMMU gets a domain for a group, in the forms that were argued over: from the bus, from a device with more
 * and more protection, or from the group. Each answers whether the group is attached.
 */
import type { Op } from '../../src/index';
import type { Bus, Device, Scene } from './thread-state';

export type Attach = (scene: Scene) => Op<boolean>;

/** The bus of some device, remembered beyond the group's mutex; the group is attached as a whole. */
export function* fromBus(scene: Scene): Op<boolean> {
  yield* scene.groupMutex.lock();
  const device = yield* scene.firstDevice();
  let bus: Bus | null = null;
  if (device !== null) bus = yield* device.bus.load();
  yield* scene.groupMutex.unlock();
  if (bus === null) return false;
  const domain = yield* scene.allocateDomain(bus);
  yield* scene.setGroupDomain(domain);
  return true;
}

/** Some device of the group, remembered beyond the group's mutex with nothing that keeps it. */
export function* fromDevice(scene: Scene): Op<boolean> {
  const device = yield* pickDevice(scene, false);
  if (device === null) return false;
  return yield* allocateAndAttach(scene, device);
}

/** As `fromDevice`, with the device's own mutex, which is part of what may be freed. */
export function* fromLockedDevice(scene: Scene): Op<boolean> {
  const device = yield* pickDevice(scene, false);
  if (device === null) return false;
  yield* device.mutex.lock();
  const attached = yield* allocateAndAttach(scene, device);
  yield* device.mutex.unlock();
  return attached;
}

/** With a reference to the device and its mutex, and a look whether it is in the group still. */
export function* fromReferencedDevice(scene: Scene): Op<boolean> {
  const device = yield* pickDevice(scene, true);
  if (device === null) return false;
  yield* device.mutex.lock();
  return yield* attachReferenced(scene, device);
}

/** As `fromReferencedDevice`, but gives up where the mutex is taken. */
export function* fromTriedDevice(scene: Scene): Op<boolean> {
  const device = yield* pickDevice(scene, true);
  if (device === null) return false;
  if (!(yield* device.mutex.trylock())) {
    yield* device.put();
    return false;
  }
  return yield* attachReferenced(scene, device);
}

/** The device on VFIO's own list, under VFIO's lock of that list. */
export function* fromVfioDevice(scene: Scene): Op<boolean> {
  yield* scene.deviceListLock.lock();
  const device = yield* scene.vfioDevice.load();
  let attached = false;
  if (device !== null) attached = yield* allocateAndAttach(scene, device);
  yield* scene.deviceListLock.unlock();
  return attached;
}

/** Some device of the group, used under the group's mutex only; the group is attached as a whole. */
export function* fromGroup(scene: Scene): Op<boolean> {
  yield* scene.groupMutex.lock();
  const device = yield* scene.firstDevice();
  let domain: number | null = null;
  if (device !== null) domain = yield* scene.allocateDomain(yield* device.bus.load());
  yield* scene.groupMutex.unlock();
  if (domain === null) return false;
  yield* scene.setGroupDomain(domain);
  return true;
}

function* pickDevice(scene: Scene, reference: boolean): Op<Device | null> {
  yield* scene.groupMutex.lock();
  const device = yield* scene.firstDevice();
  if (reference && device !== null) yield* device.references.get();
  yield* scene.groupMutex.unlock();
  return device;
}

function* allocateAndAttach(scene: Scene, device: Device): Op<boolean> {
  const domain = yield* scene.allocateDomain(yield* device.bus.load());
  return yield* scene.attachDevice(domain, device);
}

/** Precondition: the caller holds the device's mutex and a reference; both are given up. */
function* attachReferenced(scene: Scene, device: Device): Op<boolean> {
  let attached = false;
  if (yield* device.iommuGroup.load()) attached = yield* allocateAndAttach(scene, device);
  yield* device.mutex.unlock();
  yield* device.put();
  return attached;
}
