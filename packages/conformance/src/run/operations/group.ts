/** Ioctls of the group. */
import { calls, ioctls } from '@iommu-lab/vfio';
import type { Handlers } from '../handlers';

export const groupHandlers: Handlers<
  | 'VFIO_GROUP_GET_STATUS'
  | 'VFIO_GROUP_SET_CONTAINER'
  | 'VFIO_GROUP_UNSET_CONTAINER'
  | 'VFIO_GROUP_GET_DEVICE_FD'
> = {
  VFIO_GROUP_GET_STATUS: (context, args) =>
    context.on(args.fd, (fd) =>
      'arg' in args
        ? calls.withNullPointer('GET_STATUS', fd, ioctls.VFIO_GROUP_GET_STATUS)
        : calls.getStatus(fd, args.argsz),
    ),

  *VFIO_GROUP_SET_CONTAINER(context, args) {
    if ('arg' in args) {
      return yield* context.on(args.fd, (fd) =>
        calls.withNullPointer('SET_CONTAINER', fd, ioctls.VFIO_GROUP_SET_CONTAINER),
      );
    }
    const container = yield* context.descriptor(args.container);
    return yield* context.on(args.fd, (fd) => calls.setContainer(fd, container));
  },

  VFIO_GROUP_UNSET_CONTAINER: (context, { fd }) => context.on(fd, calls.unsetContainer),

  *VFIO_GROUP_GET_DEVICE_FD(context, args, names) {
    if ('arg' in args) {
      return yield* context.on(args.fd, (fd) =>
        calls.withNullPointer('GET_DEVICE_FD', fd, ioctls.VFIO_GROUP_GET_DEVICE_FD),
      );
    }
    const name = 'dev' in args ? context.addressOf(args.dev) : args.name;
    const answer = yield* context.on(args.fd, (fd) => calls.getDeviceFd(fd, name));
    return context.opened(answer, names.handle);
  },
};
