/**
 * Before ownership: nobody can take a group's DMA, so nothing is refused and nothing is given back. Who may use a group
 * is VFIO's own affair, which looks at the drivers of its devices. Up to 5.18; the calls themselves did not exist, and
 * the same design made against such a kernel makes none.
 */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '../../errno';

/** Precondition: group.mutex is held. */
export function* claimNone(): Op<0 | Errno> {
  return 0;
}

/** Precondition: group.mutex is held. */
export function* requireNobody(): Op<0 | Errno> {
  return 0;
}

/** Precondition: group.mutex is held. */
export function* releaseNone(): Op<void> {}
