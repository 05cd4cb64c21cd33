/** Which accesses to one location depend on each other's order: the rules that the searches go by. */
import { AccessKind, type AccessList } from '@iommu-lab/explorer';

const { READ, WRITE, INCREMENT, LOCK, UNLOCK, READ_LOCK, READ_UNLOCK, TRY_LOCK, AWAIT } = AccessKind;

const DEPENDENT: readonly (readonly [AccessKind, AccessKind])[] = [
  [READ, WRITE],
  [WRITE, WRITE],
  [INCREMENT, READ],
  [INCREMENT, WRITE],
  [LOCK, LOCK],
  [LOCK, READ_LOCK],
  [LOCK, UNLOCK],
  [READ_LOCK, UNLOCK],
  [LOCK, READ_UNLOCK],
  [TRY_LOCK, LOCK],
  [TRY_LOCK, UNLOCK],
  [TRY_LOCK, TRY_LOCK],
  [TRY_LOCK, READ_LOCK],
  [TRY_LOCK, READ_UNLOCK],
  [AWAIT, WRITE],
  [AWAIT, INCREMENT],
];
const TABLE = new Set(DEPENDENT.flatMap(([one, other]) => [one * 16 + other, other * 16 + one]));

/** The accesses of a step, in a copy that later steps do not change. */
export type Accesses = readonly (readonly [location: number, kind: AccessKind])[];

export function copyOf(list: AccessList): Accesses {
  return Array.from({ length: list.length }, (_, n) => [list.location(n), list.kind(n)] as const);
}

/** Whether the order of two steps may matter, by their accesses. */
export function dependent(one: Accesses, other: Accesses): boolean {
  return one.some(([location, kind]) =>
    other.some(([place, how]) => place === location && TABLE.has(kind * 16 + how)),
  );
}
