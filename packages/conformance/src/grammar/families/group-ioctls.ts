/** Ioctls of the group: its state, its container, and the descriptors of its devices. */
import * as v from 'valibot';
import { operation } from '../operation';
import { descriptor, deviceLabel, flag, name, nullPointer, text, uint32 } from '../values';

const onlyPointer = v.strictObject({ fd: descriptor, arg: nullPointer });

export const groupOperations = {
  VFIO_GROUP_GET_STATUS: operation(
    v.union([v.strictObject({ fd: descriptor, argsz: v.exactOptional(uint32) }), onlyPointer]),
    { viable: v.exactOptional(flag), container_set: v.exactOptional(flag) },
  ),
  VFIO_GROUP_SET_CONTAINER: operation(
    v.union([v.strictObject({ fd: descriptor, container: descriptor }), onlyPointer]),
  ),
  VFIO_GROUP_UNSET_CONTAINER: operation(v.strictObject({ fd: descriptor })),
  /** The device by its label (`dev`) or by exactly the text that the ioctl takes (`name`). */
  VFIO_GROUP_GET_DEVICE_FD: operation(
    v.union([
      v.strictObject({ fd: descriptor, dev: deviceLabel }),
      v.strictObject({ fd: descriptor, name: text }),
      onlyPointer,
    ]),
    { handle: v.exactOptional(name) },
  ),
};
