/** Ioctls of the group. */
import { calls, ioctls } from '@iommu-lab/vfio';
import type { Handlers } from '../handlers';

export const groupHandlers: Handlers<
  | 'VFIO_GROUP_GET_STATUS'
  | 'VFIO_GROUP_SET_CONTAINER'
  | 'VFIO_GROUP_UNSET_CONTAINER'
  | 'VFIO_GROUP_GET_DEVICE_FD'
> = {
  VFIO_GROUP_GET_STATUS: (context, args) => {
    const fd = context.descriptor(args.fd);
    if ('arg' in args)
      return context.perform(calls.withNullPointer('GET_STATUS', fd, ioctls.VFIO_GROUP_GET_STATUS));
    return context.perform(calls.getStatus(fd, args.argsz));
  },

  VFIO_GROUP_SET_CONTAINER: (context, args) => {
    const fd = context.descriptor(args.fd);
    if ('arg' in args) {
      return context.perform(calls.withNullPointer('SET_CONTAINER', fd, ioctls.VFIO_GROUP_SET_CONTAINER));
    }
    return context.perform(calls.setContainer(fd, context.descriptor(args.container)));
  },

  VFIO_GROUP_UNSET_CONTAINER: (context, { fd }) =>
    context.perform(calls.unsetContainer(context.descriptor(fd))),

  VFIO_GROUP_GET_DEVICE_FD: (context, args, names) => {
    const fd = context.descriptor(args.fd);
    if ('arg' in args) {
      return context.perform(calls.withNullPointer('GET_DEVICE_FD', fd, ioctls.VFIO_GROUP_GET_DEVICE_FD));
    }
    const name = 'dev' in args ? context.addressOf(args.dev) : args.name;
    return context.opened(context.perform(calls.getDeviceFd(fd, name)), names.handle);
  },
};
