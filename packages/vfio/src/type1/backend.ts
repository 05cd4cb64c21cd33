/** The type1 backend as a container sees it. `@kernel vfio_iommu_driver_ops_type1` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno, IommuGroup, Target } from '@iommu-lab/kernel';
import type { Backend, BackendType } from '../backend';
import type { IoctlArgument } from '../ioctl/argument';
import type { Task } from '../task/task';
import type { VfioKernel } from '../vfio-kernel';
import { vfioIommuType1AttachEmulatedGroup, vfioIommuType1AttachGroup } from './attach';
import { vfioIommuType1DetachEmulatedGroup, vfioIommuType1DetachGroup } from './detach';
import { vfioIommuType1DmaRw } from './dma-rw';
import type { EmulatedDevice } from './emulated-device';
import { vfioIommuType1CheckExtension } from './extension';
import { vfioIommuType1PinPages, vfioIommuType1UnpinPages } from './external-pin';
import { vfioIommuType1Ioctl } from './ioctl';
import { vfioIommuType1RegisterDevice, vfioIommuType1UnregisterDevice } from './notify';
import { dmaEntryLimit } from './parameters';
import { vfioIommuType1Release } from './release';
import { VFIO_TYPE1_IOMMU, VFIO_TYPE1_NESTING_IOMMU, VFIO_TYPE1V2_IOMMU } from './uapi';
import { VfioIommu } from './vfio-iommu';

/** One container's type1. Its methods are the kernel functions of the same subject; see there for errors. */
export class Type1Backend implements Backend {
  constructor(readonly iommu: VfioIommu) {}

  attachGroup(target: Target): Op<0 | Errno> {
    return vfioIommuType1AttachGroup(this.iommu, target);
  }

  detachGroup(target: Target): Op<void> {
    return vfioIommuType1DetachGroup(this.iommu, target);
  }

  checkExtension(extension: number): Op<number> {
    return vfioIommuType1CheckExtension(this.iommu, extension);
  }

  ioctl(task: Task, request: number, argument: IoctlArgument): Op<0 | Errno> {
    return vfioIommuType1Ioctl(this.iommu, task, request, argument);
  }

  release(): Op<void> {
    return vfioIommuType1Release(this.iommu);
  }

  attachEmulatedGroup(group: IommuGroup): Op<0 | Errno> {
    return vfioIommuType1AttachEmulatedGroup(this.iommu, group);
  }

  detachEmulatedGroup(group: IommuGroup): Op<void> {
    return vfioIommuType1DetachEmulatedGroup(this.iommu, group);
  }

  registerDevice(device: EmulatedDevice): Op<void> {
    return vfioIommuType1RegisterDevice(this.iommu, device);
  }

  unregisterDevice(device: EmulatedDevice): Op<void> {
    return vfioIommuType1UnregisterDevice(this.iommu, device);
  }

  pinPages(group: IommuGroup, iovaPage: number, pages: number, prot: number): Op<readonly number[] | Errno> {
    return vfioIommuType1PinPages(this.iommu, group, iovaPage, pages, prot);
  }

  unpinPages(iovaPage: number, pages: number): Op<void> {
    return vfioIommuType1UnpinPages(this.iommu, iovaPage, pages);
  }

  dmaRw(iova: bigint, data: Uint8Array, write: boolean): Op<0 | Errno> {
    return vfioIommuType1DmaRw(this.iommu, iova, data, write);
  }
}

/**
 * EINVAL: a type that the driver claims as an extension and does not open. Nesting is among them, with an errno by era:
 * the kernels opened it and refused it in the first attach, as no driver could do it, with that errno.
 */
const vfioIommuType1Open = kernelFunction(
  'vfio_iommu_type1_open',
  function* vfioIommuType1Open(system: VfioKernel, type: number): Op<Type1Backend | Errno> {
    if (type === VFIO_TYPE1_NESTING_IOMMU) return system.era.type1.nestingErrno;
    if (type !== VFIO_TYPE1_IOMMU && type !== VFIO_TYPE1V2_IOMMU) return 'EINVAL';
    const limit = dmaEntryLimit(system.kernel);
    return new Type1Backend(new VfioIommu(system, type === VFIO_TYPE1V2_IOMMU, limit));
  },
);

export const type1BackendType: BackendType = {
  name: 'vfio-iommu-type1',

  claims(system: VfioKernel, extension: number): boolean {
    return system.era.type1.claimedExtensions.includes(extension);
  },

  *open(system: VfioKernel, type: number): Op<Backend | Errno> {
    return yield* vfioIommuType1Open(system, type);
  },
};
