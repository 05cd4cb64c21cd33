/** What must hold of a group when its last member leaves it. */
import type { Op } from '@iommu-lab/explorer';
import type { IommuGroup } from '../../group';

/** `members`: some are left. `wrong`: none is, and the group is in use all the same. */
export type Emptied = 'members' | 'sound' | 'wrong';

/**
 * I7: a group without members is nobody's, and on its default domain. Precondition: group.mutex is held, and a member
 * has just left.
 */
export function* judgeEmptied(group: IommuGroup): Op<Emptied> {
  if ((yield* group.devices.load()).length > 0) return 'members';
  const owned = (yield* group.ownerCount.load()) !== 0;
  const onDefault = (yield* group.domain.load()) === (yield* group.defaultDomain.load());
  if (!owned && onDefault) return 'sound';
  const left = [...(owned ? ['in use'] : []), ...(onDefault ? [] : ['on another domain than its default'])];
  const message = `I7: ${group.label} has no member left and is ${left.join(' and ')}`;
  group.kernel.world.report('invariant', message, group.label);
  return 'wrong';
}
