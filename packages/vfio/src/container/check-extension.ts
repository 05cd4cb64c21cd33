/** What a container can do: its backend says, or any backend while none is chosen. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { VfioContainer } from './vfio-container';

/** 1 or 0, or a backend's own number. `@kernel vfio_container_ioctl_check_extension` */
export const vfioCheckExtension = kernelFunction(
  'vfio_container_ioctl_check_extension',
  function* vfioCheckExtension(container: VfioContainer, extension: number): Op<number> {
    yield* container.groupLock.downRead();
    const backend = yield* container.backend.load();
    const answer =
      backend === null ? yield* askAll(container, extension) : yield* backend.checkExtension(extension);
    yield* container.groupLock.upRead();
    return answer;
  },
);

function* askAll({ system }: VfioContainer, extension: number): Op<number> {
  yield* system.backendsLock.lock();
  const claimed = system.backends.some((backend) => backend.claims(system, extension));
  yield* system.backendsLock.unlock();
  return claimed ? 1 : 0;
}
