/** Calls on a group's descriptor. */
import {
  GROUP_STATUS_BYTES,
  VFIO_GROUP_FLAGS_CONTAINER_SET,
  VFIO_GROUP_FLAGS_VIABLE,
} from '../group/get-status';
import {
  VFIO_GROUP_GET_DEVICE_FD,
  VFIO_GROUP_GET_STATUS,
  VFIO_GROUP_SET_CONTAINER,
  VFIO_GROUP_UNSET_CONTAINER,
} from '../ioctl/numbers';
import { ioctlCall, Structure, type UserCall } from './user-call';

/** Out: viable, container_set. */
export function getStatus(fd: number, argsz: number = GROUP_STATUS_BYTES): UserCall {
  const status = new Structure(GROUP_STATUS_BYTES).u32(0, argsz);
  return ioctlCall('VFIO_GROUP_GET_STATUS', fd, VFIO_GROUP_GET_STATUS, status.bytes, () => ({
    viable: (status.u32At(4) & VFIO_GROUP_FLAGS_VIABLE) !== 0,
    container_set: (status.u32At(4) & VFIO_GROUP_FLAGS_CONTAINER_SET) !== 0,
  }));
}

/** `container`: any number, open or not. */
export function setContainer(fd: number, container: number): UserCall {
  const bytes = new Structure(4).s32(0, container).bytes;
  return ioctlCall('VFIO_GROUP_SET_CONTAINER', fd, VFIO_GROUP_SET_CONTAINER, bytes);
}

/** Errors: see `vfioGroupUnsetContainer`. */
export function unsetContainer(fd: number): UserCall {
  return ioctlCall('VFIO_GROUP_UNSET_CONTAINER', fd, VFIO_GROUP_UNSET_CONTAINER, 0);
}

/** Returns the new descriptor. `name`: exactly what the kernel is to read, a terminating zero is added. */
export function getDeviceFd(fd: number, name: string): UserCall {
  const bytes = new Uint8Array(name.length + 1);
  for (let n = 0; n < name.length; n++) bytes[n] = name.charCodeAt(n);
  return ioctlCall('VFIO_GROUP_GET_DEVICE_FD', fd, VFIO_GROUP_GET_DEVICE_FD, bytes);
}
