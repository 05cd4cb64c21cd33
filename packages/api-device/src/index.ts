/** @iommu-lab/api-device: the device interface. */
export * from './api';
export { passedIn } from './variants/passed-in';
export { pinned } from './variants/pinned';
export { raw } from './variants/raw';
