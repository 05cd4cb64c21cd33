/**
 * When a group gets its domain. Most designs attach it when it is in a container with a backend; a design whose port
 * says `device-fd` only owns it then, and attaches when the first of its devices is opened, until the last is closed.
 */
import type { Op } from '@iommu-lab/explorer';
import type { Errno, IommuGroup, Target } from '@iommu-lab/kernel';
import type { VfioDevice } from '../device/vfio-device';
import type { VfioKernel } from '../vfio-kernel';
import type { VfioContainer } from './vfio-container';

/** Whether the design attaches with the first device and not with the container. */
export function attachesWithDevice({ domainPort }: VfioKernel): boolean {
  return domainPort.attachTime === 'device-fd';
}

/**
 * The first device of a group in a container is being opened. Precondition: the group's lock is held, the container has
 * a backend, and the caller has a registration reference to the device. Otherwise the backend's errors.
 */
export function* attachWithDevice(device: VfioDevice, container: VfioContainer): Op<0 | Errno> {
  if (!attachesWithDevice(device.system)) return 0;
  yield* container.groupLock.downWrite();
  const backend = yield* container.backend.load();
  const error = backend === null ? 'EINVAL' : yield* backend.attachGroup(yield* targetOf(device));
  yield* container.groupLock.upWrite();
  return error;
}

/** The last open device of the group has been closed. Preconditions as above. */
export function* detachWithDevice(device: VfioDevice, container: VfioContainer): Op<void> {
  if (!attachesWithDevice(device.system)) return;
  yield* container.groupLock.downWrite();
  const backend = yield* container.backend.load();
  if (backend !== null) yield* backend.detachGroup(yield* targetOf(device));
  yield* container.groupLock.upWrite();
}

function* targetOf({ group, device }: VfioDevice): Op<Target> {
  // A registered device keeps its group's IOMMU group.
  return group.targetOf((yield* group.iommuGroup.load()) as IommuGroup, device, false);
}
