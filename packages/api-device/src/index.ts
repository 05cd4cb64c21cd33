/** @iommu-lab/api-device: the device interface. */
export * from './api';
export { pinned } from './variants/pinned';
export { raw } from './variants/raw';
