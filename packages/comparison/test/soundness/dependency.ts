/** Which accesses to one location depend on each other's order: the rules that the searches go by. */
import { type AccessKind, type AccessList, kindsDepend } from '@iommu-lab/explorer';

/** The accesses of a step, in a copy that later steps do not change. */
export type Accesses = readonly (readonly [location: number, kind: AccessKind])[];

export function copyOf(list: AccessList): Accesses {
  return Array.from({ length: list.length }, (_, n) => [list.location(n), list.kind(n)] as const);
}

/** Whether the order of two steps may matter, by their accesses. */
export function dependent(one: Accesses, other: Accesses): boolean {
  return one.some(([location, kind]) =>
    other.some(([place, how]) => place === location && kindsDepend(kind, how)),
  );
}
