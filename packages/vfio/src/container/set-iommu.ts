/** Choosing a container's backend. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, type IommuGroup, isErrno, type Target } from '@iommu-lab/kernel';
import type { Backend } from '../backend';
import type { VfioGroup } from '../group/vfio-group';
import { attachesWithDevice } from './attach-time';
import type { VfioContainer } from './vfio-container';

/**
 * Tries each backend that claims `type`, in order; the last error is the answer when none works. EINVAL: there is no
 * group, or a backend has been chosen; also a type that a backend claims and refuses. ENODEV: none claims it.
 * `@kernel vfio_ioctl_set_iommu`
 */
export const vfioSetIommu = kernelFunction(
  'vfio_ioctl_set_iommu',
  function* vfioSetIommu(container: VfioContainer, type: number): Op<0 | Errno> {
    yield* container.groupLock.downWrite();
    const error = yield* chooseBackend(container, type);
    yield* container.groupLock.upWrite();
    return error;
  },
);

function* chooseBackend(container: VfioContainer, type: number): Op<0 | Errno> {
  const { system } = container;
  const groups = yield* container.groups.load();
  if (groups.length === 0 || (yield* container.backend.load()) !== null) return 'EINVAL';
  let answer: 0 | Errno = 'ENODEV';
  yield* system.backendsLock.lock();
  for (const candidate of system.backends) {
    if (!candidate.claims(system, type)) continue;
    const backend = yield* candidate.open(system, type);
    if (isErrno(backend)) {
      answer = backend;
      continue;
    }
    answer = attachesWithDevice(system) ? 0 : yield* attachGroups(groups, backend);
    if (answer === 0) {
      yield* container.backend.store(backend);
      break;
    }
    yield* backend.release();
  }
  yield* system.backendsLock.unlock();
  return answer;
}

/** All groups or none, newest first. `@kernel __vfio_container_attach_groups` */
function* attachGroups(groups: readonly VfioGroup[], backend: Backend): Op<0 | Errno> {
  const attached: Target[] = [];
  for (const group of groups) {
    // A group in a container has its IOMMU group: unplugging takes it out of the container first, under this lock.
    const target = group.targetOf((yield* group.iommuGroup.loadRacy()) as IommuGroup, null, false);
    const error = yield* backend.attachGroup(target);
    if (error !== 0) {
      for (const done of attached.reverse()) yield* backend.detachGroup(done);
      return error;
    }
    attached.push(target);
  }
  return 0;
}
