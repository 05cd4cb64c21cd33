/**
 * What a container asks of an IOMMU backend. `@kernel struct vfio_iommu_driver_ops`
 *
 * A backend is made by SET_IOMMU and lives until the last group leaves its container. The container calls
 * `attachGroup` and `detachGroup` with its own group_lock held for writing, `checkExtension` with it held for reading,
 * and `ioctl` with no lock at all. What emulated devices ask of a backend is the backend's own affair.
 */
import type { Op } from '@iommu-lab/explorer';
import type { Errno, Target } from '@iommu-lab/kernel';
import type { IoctlArgument } from './ioctl/argument';
import type { Task } from './task/task';
import type { VfioKernel } from './vfio-kernel';

export interface BackendType {
  readonly name: string;
  /** The answer to CHECK_EXTENSION with no instance at hand, as yes or no; what it claims SET_IOMMU offers to it. */
  claims(system: VfioKernel, extension: number): boolean;
  /** A new instance. EINVAL: a type that it claims and does not serve. ENOMEM. */
  open(system: VfioKernel, type: number): Op<Backend | Errno>;
}

export interface Backend {
  /** Section 5 of the semantics says what fails. */
  attachGroup(target: Target): Op<0 | Errno>;
  /** Cannot fail. */
  detachGroup(target: Target): Op<void>;
  checkExtension(extension: number): Op<number>;
  /** Everything that the container does not know itself. ENOTTY for what this does not know either. */
  ioctl(task: Task, request: number, argument: IoctlArgument): Op<number | Errno>;
  /** Ends the instance. Precondition: no group is attached. */
  release(): Op<void>;
}
