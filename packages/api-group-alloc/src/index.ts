/** @iommu-lab/api-group-alloc: the domain is allocated from the group. */
export * from './api';
export { iterator } from './variants/iterator';
export { oneStep } from './variants/one-step';
export { twoStep } from './variants/two-step';
