/** @iommu-lab/api-device: the device interface. */
export * from './api';
export { devMutex } from './variants/dev-mutex';
export { passedIn } from './variants/passed-in';
export { pinned } from './variants/pinned';
export { raw } from './variants/raw';
