/** Module parameters of vfio_iommu_type1. */
import type { Kernel } from '@iommu-lab/kernel';

/** Mappings that a container may have unless the parameter says otherwise. */
const DEFAULT_DMA_ENTRY_LIMIT = 65535;

/** A boolean parameter as the kernel reads one: y, Y or 1. */
export function parameterIsSet(kernel: Kernel, name: string): boolean {
  const value = kernel.parameter(name);
  return value === 1 || value === '1' || value === 'y' || value === 'Y';
}

/** `@kernel dma_entry_limit`, read when a container chooses type1. */
export function dmaEntryLimit(kernel: Kernel): number {
  const value = kernel.parameter('vfio_iommu_type1.dma_entry_limit');
  return value === null ? DEFAULT_DMA_ENTRY_LIMIT : Number(value);
}
