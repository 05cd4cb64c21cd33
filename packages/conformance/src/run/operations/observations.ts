/** Steps that look and change nothing, and the end of the process. */
import { hex } from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import { sysfs } from '@iommu-lab/vfio';
import type { StepAnswer } from '../../trace/compare';
import { type Context, stepAnswer } from '../context';
import type { CaseHandlers, Handlers } from '../handlers';

export const observationHandlers: Handlers<'device'> = {
  device: (context, { dev }) => describe(context, dev),
};

export const frameHandlers: CaseHandlers<'kernel' | 'note' | 'end'> = {
  kernel: ({ profile }) => ({
    ret: 0,
    errno: null,
    out: { release: profile.release, profile: profile.releaseProfile },
  }),

  note: () => ({ ret: 0, errno: null }),

  end: (context) => {
    while (context.tasks.length > 1) {
      context.system.exit(context.task);
      context.tasks.pop();
    }
    context.ended = true;
    return stepAnswer(context.system.exit(context.task));
  },
};

/** What sysfs shows. ENOENT: the device has no group link. */
function* describe(context: Context, dev: string): Op<StepAnswer> {
  const description = yield* sysfs.sysfsDescribe(context.system.vfio, dev);
  if (typeof description === 'string') return { ret: -1, errno: description };
  const { group, driver, address } = description;
  if (group === null) {
    // The recorder compared two links, and read none here: what it noted then says nothing (docs/caveats.md, 33).
    const none = { group: 'none', has_group: false, group_of_mf0: true };
    return { ret: -1, errno: 'ENOENT', out: { driver, bdf: address, ...none } };
  }
  const mf0 = context.system.kernel.findDevice('mf0')?.group.value?.id;
  return {
    ret: 0,
    errno: null,
    out: {
      driver,
      bdf: address,
      group: context.groupLabel(group.number),
      has_group: true,
      members: group.members,
      type: group.type,
      reserved: group.reserved.map(({ first, last, type }) => [hex(first), hex(last), type]),
      group_of_mf0: group.number === mf0,
    },
  };
}
