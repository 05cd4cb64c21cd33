/** A call that only an owner's group may see. From the ownership of 2022 on. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';

/** Precondition: group.mutex is held. EPERM: nobody owns the group. */
export function* requireOwner(group: IommuGroup): Op<0 | Errno> {
  return (yield* group.owner.load()) === null ? 'EPERM' : 0;
}
