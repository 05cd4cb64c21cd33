/**
 * The scenario of the mailing-list thread, in nine forms: a user sets the IOMMU of a VFIO group and closes it again,
 * while one device of the group is unplugged and a kernel driver probes the other one.
 *
 * The forms differ in where the domain comes from, and the last one in who may use the group: there the group is only
 * looked at once (is a kernel driver bound?), as before there was ownership. Leaves out everything that no form of
 * the argument turns on: page tables, ioctl plumbing, more than two devices.
 */
import { type Op, type Program, program } from '../../src/index';
import {
  type Attach,
  fromBus,
  fromDevice,
  fromGroup,
  fromLockedDevice,
  fromReferencedDevice,
  fromTriedDevice,
  fromVfioDevice,
} from './thread-attach';
import { DEFAULT_DOMAIN, Scene, USER_DOMAIN } from './thread-state';

/** One form of the scenario. */
export interface Form {
  readonly id: string;
  readonly attach: Attach;
  /** The module of the bus goes away with the device. */
  readonly busUnloads: boolean;
  /** Ownership of the group is claimed; otherwise the sibling's driver is looked at once. */
  readonly claims: boolean;
}

/** How often the user sets the IOMMU and closes, and how often a driver probes; the device is unplugged once. */
export interface Rounds {
  readonly opens: number;
  readonly probes: number;
}

const ONCE: Rounds = { opens: 1, probes: 1 };

function form(id: string, attach: Attach, differences: Partial<Form> = {}): Form {
  return { id, attach, busUnloads: false, claims: true, ...differences };
}

export const FORMS: readonly Form[] = [
  form('bus', fromBus),
  form('bus-unload', fromBus, { busUnloads: true }),
  form('device', fromDevice),
  form('device-mutex', fromLockedDevice),
  form('device-reference-mutex', fromReferencedDevice),
  form('device-reference-trylock', fromTriedDevice),
  form('vfio-device-lock', fromVfioDevice),
  form('group', fromGroup),
  form('group-viability', fromGroup, { claims: false }),
];

/** The scenario in one form. */
export function thread(form: Form, { opens, probes }: Rounds = ONCE): Program {
  const size = opens === 1 && probes === 1 ? '' : `(${opens},${probes})`;
  return program(`thread/${form.id}${size}`, (world) => {
    const scene = new Scene(world);
    return {
      threads: [
        { name: 'user', body: () => times(opens, () => setIommuAndClose(scene, form)) },
        { name: 'unplug', body: () => unplug(scene, form) },
        { name: 'probe', body: () => times(probes, () => probeSibling(scene, form)) },
      ],
      atEnd: () => {
        const { unplugged } = scene;
        if (!unplugged.freed) world.report('leak', `${unplugged.label} was never freed`, unplugged.label);
      },
    };
  });
}

function* times(rounds: number, body: () => Op<void>): Op<void> {
  for (let round = 0; round < rounds; round++) yield* body();
}

function* setIommuAndClose(scene: Scene, form: Form): Op<void> {
  const { containerLock, iommuLock, inContainer } = scene;
  yield* containerLock.downWrite();
  if (yield* mayUse(scene, form)) {
    yield* inContainer.store(true);
    yield* iommuLock.lock();
    const attached = yield* form.attach(scene);
    yield* iommuLock.unlock();
    yield* containerLock.upWrite();
    yield* containerLock.downWrite();
    if (attached) {
      yield* iommuLock.lock();
      yield* scene.setGroupDomain(DEFAULT_DOMAIN);
      yield* iommuLock.unlock();
    }
    if (form.claims) yield* releaseOwnership(scene);
    yield* inContainer.store(false);
  }
  yield* containerLock.upWrite();
}

function* mayUse(scene: Scene, form: Form): Op<boolean> {
  if (!form.claims) return (yield* scene.sibling.driver.load()) === '';
  yield* scene.groupMutex.lock();
  const free = (yield* scene.kernelUsers.load()) === 0;
  if (free) yield* scene.userOwnsGroup.store(true);
  yield* scene.groupMutex.unlock();
  return free;
}

function* releaseOwnership(scene: Scene): Op<void> {
  yield* scene.groupMutex.lock();
  yield* scene.userOwnsGroup.store(false);
  yield* scene.groupMutex.unlock();
}

function* unplug(scene: Scene, form: Form): Op<void> {
  const { unplugged: device, deviceListLock, groupMutex } = scene;
  yield* device.mutex.lock();
  yield* deviceListLock.lock();
  yield* scene.vfioDevice.store(null);
  yield* deviceListLock.unlock();
  // VFIO lets go of a group's last device only once its container does.
  yield* scene.inContainer.waitUntil((used) => !used);
  yield* device.driver.store('');
  yield* device.mutex.unlock();
  yield* groupMutex.lock();
  yield* device.listed.store(false);
  yield* device.iommuGroup.store(false);
  yield* groupMutex.unlock();
  yield* device.put();
  if (form.busUnloads) yield* scene.bus.free();
}

function* probeSibling(scene: Scene, form: Form): Op<void> {
  const { sibling: device } = scene;
  yield* device.mutex.lock();
  if (!form.claims || (yield* claimForKernel(scene))) {
    yield* device.driver.store('native');
    // The driver does DMA, through whatever domain the group has now.
    if ((yield* scene.groupDomain.load()) === USER_DOMAIN) {
      scene.world.report('invariant', "the kernel driver's DMA goes through the user's domain", device.label);
    }
    yield* device.driver.store('');
    if (form.claims) {
      yield* scene.groupMutex.lock();
      yield* scene.kernelUsers.store(0);
      yield* scene.groupMutex.unlock();
    }
  }
  yield* device.mutex.unlock();
}

function* claimForKernel(scene: Scene): Op<boolean> {
  yield* scene.groupMutex.lock();
  const free = !(yield* scene.userOwnsGroup.load());
  if (free) yield* scene.kernelUsers.store(1);
  yield* scene.groupMutex.unlock();
  return free;
}
