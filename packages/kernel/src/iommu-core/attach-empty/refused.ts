/**
 * A group without a member cannot be attached. The kernels from 6.8 on read a bogus first entry instead; that callers
 * must keep them from it is a precondition, and what the model answers is a choice of its own.
 */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '../../errno';

/** Precondition: group.mutex is held, the group has no member. */
export function* attachEmptyRefused(): Op<0 | Errno> {
  return 'ENODEV';
}
