/** Opening, closing, reading and writing descriptors. */
import { type Op, UsageError } from '@iommu-lab/explorer';
import { calls } from '@iommu-lab/vfio';
import type { GivenNames } from '../../grammar/step';
import type { StepAnswer } from '../../trace/compare';
import type { Context } from '../context';
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
  open_container: (context, _args, names) => opened(context, '/dev/vfio/vfio', names),

  open_group: (context, { group }, names) =>
    opened(context, `/dev/vfio/${groupNumber(context.profile.groups[group]?.number, group)}`, names),

  open_group_path: (context, { path }, names) => opened(context, path, names),

  open_iommufd: (context, _args, names) => opened(context, '/dev/iommu', names),

  close: (context, { handle }) => context.on(handle, calls.closeFile),

  *dup(context, { fd }, names) {
    return context.opened(yield* context.on(fd, calls.duplicate), names.handle);
  },

  read: (context, { fd, len }) => context.on(fd, (n) => calls.readFile(n, len)),

  write: (context, { fd, len }) => context.on(fd, (n) => calls.writeFile(n, len)),

  unknown_ioctl: (context, { fd, nr }) => context.on(fd, (n) => calls.unknownIoctl(n, nr)),

  // No recorded kernel of these profiles has a file whose mode a program may change.
  *chmod() {
    return { ret: -1, errno: 'ENOENT' };
  },
};

function* opened(context: Context, path: string, { handle }: GivenNames): Op<StepAnswer> {
  return context.opened(yield* context.perform(calls.openPath(path)), handle);
}

function groupNumber(recorded: number | undefined, label: string): number {
  if (recorded === undefined) throw new UsageError(`the profile has no group "${label}"`);
  return recorded;
}
