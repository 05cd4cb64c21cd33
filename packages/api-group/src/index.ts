/** @iommu-lab/api-group: the group interface. */
export * from './api';
export { replace } from './variants/replace';
