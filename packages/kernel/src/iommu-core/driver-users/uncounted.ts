/** Before ownership any driver may be bound to a member, and nobody counts it. Up to 5.18. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '../../errno';

/** Precondition: the device's mutex is held. */
export function* admitAnyDriver(): Op<0 | Errno> {
  return 0;
}

/** Precondition: the device's mutex is held. */
export function* dismissAnyDriver(): Op<void> {}

/** Nobody asks. Precondition: group.mutex is held. */
export function* useDefaultUnasked(): Op<0 | Errno> {
  return 0;
}
