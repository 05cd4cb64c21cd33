/** /dev/vfio/vfio: each open makes a container. `@kernel vfio_fops` */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { OpenFile } from '../files/open-file';
import { type IoctlArgument, integerArgument } from '../ioctl/argument';
import {
  VFIO_API_VERSION,
  VFIO_CHECK_EXTENSION,
  VFIO_GET_API_VERSION,
  VFIO_SET_IOMMU,
} from '../ioctl/numbers';
import type { Task } from '../task/task';
import type { VfioKernel } from '../vfio-kernel';
import { vfioCheckExtension } from './check-extension';
import { vfioSetIommu } from './set-iommu';
import { VfioContainer } from './vfio-container';

export class ContainerFile extends OpenFile {
  readonly container: VfioContainer;

  constructor(system: VfioKernel) {
    super(system.kernel, 'file.vfio-container');
    this.container = new VfioContainer(system);
  }

  /** What it does not know itself goes to the backend; without one it is EINVAL. `@kernel vfio_fops_unl_ioctl` */
  override *ioctl(task: Task, request: number, argument: IoctlArgument): Op<number | Errno> {
    const { container } = this;
    switch (request) {
      case VFIO_GET_API_VERSION:
        return VFIO_API_VERSION;
      case VFIO_CHECK_EXTENSION:
        return yield* vfioCheckExtension(container, integerArgument(argument));
      case VFIO_SET_IOMMU:
        return yield* vfioSetIommu(container, integerArgument(argument));
    }
    // No lock: the backend can be released while it works on this (the kernel's own hole).
    const backend = yield* container.backend.loadRacy();
    return backend === null ? 'EINVAL' : yield* backend.ioctl(task, request, argument);
  }

  /** Groups in the container keep it. */
  override *release(): Op<void> {
    yield* this.container.put();
  }
}
