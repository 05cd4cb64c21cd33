/** What a caller may ask of an IOMMU. `@kernel enum iommu_cap` */
export type Capability =
  /** The IOMMU can make DMA snoop the CPU's caches. */
  | 'cache-coherency'
  /** Interrupts of a device cannot be forged by DMA (interrupt remapping, isolated MSI). */
  | 'isolated-msi'
  /** A domain can be made to ignore no-snoop. */
  | 'enforce-cache-coherency'
  /** Dirty pages can be tracked in hardware. */
  | 'dirty-tracking';
