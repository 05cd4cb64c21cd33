/** Opening, closing, reading and writing descriptors. */
import { calls } from '@iommu-lab/vfio';
import { stepAnswer } from '../context';
import type { Handlers } from '../handlers';

export const fileHandlers: Handlers<
  | 'open_container'
  | 'open_group'
  | 'open_group_path'
  | 'open_iommufd'
  | 'close'
  | 'dup'
  | 'read'
  | 'write'
  | 'unknown_ioctl'
  | 'chmod'
> = {
  open_container: (context, _args, names) =>
    context.opened(stepAnswer(context.system.open(context.task, '/dev/vfio/vfio')), names.handle),

  open_group: (context, { group }, names) => {
    const number = groupNumber(context.profile.groups[group]?.number, group);
    return context.opened(stepAnswer(context.system.open(context.task, `/dev/vfio/${number}`)), names.handle);
  },

  open_group_path: (context, { path }, names) =>
    context.opened(stepAnswer(context.system.open(context.task, path)), names.handle),

  open_iommufd: (context, _args, names) =>
    context.opened(stepAnswer(context.system.open(context.task, '/dev/iommu')), names.handle),

  close: (context, { handle }) => context.perform(calls.closeFile(context.descriptor(handle))),

  dup: (context, { fd }, names) =>
    context.opened(stepAnswer(context.system.dup(context.task, context.descriptor(fd))), names.handle),

  read: (context, { fd, len }) => context.perform(calls.readFile(context.descriptor(fd), len)),

  write: (context, { fd, len }) => context.perform(calls.writeFile(context.descriptor(fd), len)),

  unknown_ioctl: (context, { fd, nr }) => context.perform(calls.unknownIoctl(context.descriptor(fd), nr)),

  // No recorded kernel of these profiles has a file whose mode a program may change.
  chmod: () => ({ ret: -1, errno: 'ENOENT' }),
};

function groupNumber(recorded: number | undefined, label: string): number {
  if (recorded === undefined) throw new TypeError(`the profile has no group "${label}"`);
  return recorded;
}
