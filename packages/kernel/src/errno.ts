/** Errors as values: kernel functions return a result or the name of an errno and do not throw. */
export { type Errno, isErrno } from '@iommu-lab/core';
