/** @iommu-lab/api-group: the group interface. */
export * from './api';
export { attach } from './variants/attach';
export { replace } from './variants/replace';
export { replaceV1 } from './variants/replace-v1';
