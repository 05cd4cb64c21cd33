/** What the first open and the last close of a device do, under the locks that the era takes for them. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { attachWithDevice, detachWithDevice } from '../container/attach-time';
import { fput } from '../files/fput';
import type { VfioGroup } from '../group/vfio-group';
import type { VfioDevice } from './vfio-device';

/**
 * An open device keeps its group's file open and the group in its container. EINVAL: the container has no backend.
 * Otherwise the errors of attaching, where the design does that now. Precondition: the group's lock is held.
 * `@kernel vfio_group_use_container`
 */
export function* useContainer(device: VfioDevice): Op<0 | Errno> {
  const { group } = device;
  const container = yield* group.container.load();
  const file = yield* group.openedFile.load();
  // The backend is looked at without the container's lock; the group's own lock keeps it from leaving.
  if (container === null || file === null || (yield* container.backend.loadRacy()) === null) return 'EINVAL';
  const users = yield* group.containerUsers.load();
  const error = users === 1 ? yield* attachWithDevice(device, container) : 0;
  if (error !== 0) return error;
  yield* file.refs.get();
  yield* group.containerUsers.store(users + 1);
  return 0;
}

/** Precondition: the group's lock is held. `@kernel vfio_group_unuse_container` */
export function* unuseContainer(device: VfioDevice): Op<void> {
  const { group } = device;
  const users = yield* group.containerUsers.load();
  if (users <= 1) group.system.kernel.warn('vfio_group_unuse_container');
  yield* group.containerUsers.store(users - 1);
  const container = yield* group.container.load();
  if (users === 2 && container !== null) yield* detachWithDevice(device, container);
  const file = yield* group.openedFile.load();
  if (file !== null) yield* fput(file);
}

/** The driver's module stays loaded while a device of its is open. ENODEV: it is being unloaded. `@kernel try_module_get` */
export function* getDriverModule(group: VfioGroup): Op<0 | Errno> {
  return (yield* group.system.pciModule.refs.getUnlessZero()) ? 0 : 'ENODEV';
}

/** `@kernel module_put` */
export function* putDriverModule(group: VfioGroup): Op<void> {
  yield* group.system.pciModule.refs.put();
}
