/** One IOMMU as its driver registered it; drivers derive their own kind from it. `@kernel struct iommu_device` */
import { KernelObject } from '@iommu-lab/explorer';
import type { Module } from './bus';
import type { IommuDriver } from './iommu-drivers/iommu-driver';
import type { Kernel } from './kernel';

export class IommuInstance extends KernelObject {
  constructor(
    readonly kernel: Kernel,
    readonly name: string,
    readonly driver: IommuDriver,
    /** The driver's code: each device that it has taken up keeps it loaded. */
    readonly module: Module,
  ) {
    super(kernel.world, 'iommu', name);
  }
}
