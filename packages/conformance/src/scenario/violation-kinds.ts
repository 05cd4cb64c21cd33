/** The kinds of violation, for schemas: the explorer's closed list as a value. */
import type { ViolationKind } from '@iommu-lab/explorer';

export const VIOLATION_KINDS = [
  'use-after-free',
  'double-free',
  'leak',
  'refcount',
  'deadlock',
  'lock-inversion',
  'bad-unlock',
  'sleep-in-atomic',
  'data-race',
  'oops',
  'invariant',
  'contract-breach',
  'starvation',
] as const satisfies readonly ViolationKind[];

/** Fails to compile when the explorer knows a kind that stands not above. */
type Missing = Exclude<ViolationKind, (typeof VIOLATION_KINDS)[number]>;
true satisfies [Missing] extends [never] ? true : never;
