/**
 * Open files: what a descriptor stands for, shared by dup and fork, kept open by mappings and by the kernel itself.
 * `@kernel struct file`
 *
 * Each kind of file is a class; what an operation does not override answers as a file without that operation does.
 */
import { Cell, KernelObject, type Op, Refcount } from '@iommu-lab/explorer';
import type { Errno, Kernel } from '@iommu-lab/kernel';
import type { IoctlArgument } from '../ioctl/argument';
import type { Task } from '../task/task';

/** A request to map a file. */
export interface MapRequest {
  readonly firstPage: number;
  readonly pages: number;
  /** Offset in the file, in bytes. */
  readonly offset: bigint;
  readonly shared: boolean;
}

export abstract class OpenFile extends KernelObject {
  /** f_count. */
  readonly refs: Refcount;
  /** f_pos: where `read` and `write` without a position go on, in bytes. */
  readonly position: Cell<bigint>;

  constructor(kernel: Kernel, site: string) {
    super(kernel.world, site);
    this.refs = new Refcount(this, 'f_count', 1);
    this.position = new Cell(this, 'f_pos', 0n);
  }

  abstract ioctl(task: Task, request: number, argument: IoctlArgument): Op<number | Errno>;

  /** Called once, when nobody holds the file any more. */
  abstract release(): Op<void>;

  // biome-ignore lint/correctness/noUnusedFunctionParameters: the signature of those that can be read
  *read(task: Task, target: Uint8Array, position: bigint): Op<number | Errno> {
    return 'EINVAL';
  }

  // biome-ignore lint/correctness/noUnusedFunctionParameters: the signature of those that can be written
  *write(task: Task, source: Uint8Array, position: bigint): Op<number | Errno> {
    return 'EINVAL';
  }

  // biome-ignore lint/correctness/noUnusedFunctionParameters: the signature of those that can be mapped
  *map(task: Task, request: MapRequest): Op<0 | Errno> {
    return 'ENODEV';
  }
}
