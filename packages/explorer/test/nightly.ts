/** IOMMU_LAB_NIGHTLY=1: also what takes minutes, and more of what is random. */
export const NIGHTLY = process.env.IOMMU_LAB_NIGHTLY === '1';
