/** @iommu-lab/vfio: what user space calls, over the ports of any design. */
export {
  type Answer,
  answerOf,
  type Blocked,
  type Died,
  isReturned,
  type Returned,
  toAnswer,
} from './answer';
export type { Backend, BackendType } from './backend';
export * as calls from './calls/index';
export type { Out, UserCall } from './calls/user-call';
export { VfioContainer } from './container/vfio-container';
export { VfioDevice } from './device/vfio-device';
export { type VfioEra, vfioEra } from './era';
export { FileTable } from './files/file-table';
export { OpenFile } from './files/open-file';
export { VfioGroup } from './group/vfio-group';
export { type BadPointer, type IoctlArgument, NULL_POINTER } from './ioctl/argument';
export * as ioctls from './ioctl/numbers';
export * as syscalls from './syscall/index';
export type { Mapping } from './syscall/mappings';
export type { DeviceDescription, GroupDescription } from './sysfs/describe-device';
export * as sysfs from './sysfs/index';
export { type Audit, System, type SystemCheckpoint, type SystemProfile } from './system';
export type { DeviceMemory, MemoryArea } from './task/memory-area';
export { Mm, type PageKind } from './task/mm';
export { PageReferences } from './task/page-references';
export { Task } from './task/task';
export * as type1 from './type1/index';
export { VfioKernel } from './vfio-kernel';
