/**
 * What a step may access beyond what its operation says before it is performed.
 *
 * A step also accesses what its code touches up to the next scheduling point, and some operations find out what they
 * access only when they are performed. Both may depend on the state. A partial-order search needs to know of two steps
 * whether they are independent in every state: in one state it may look at them, in another it may change their order.
 * So a step is taken to access whatever the same step accessed in any execution so far; "the same" is the same fiber's
 * k-th step with the same kind of operation. When a step turns out to access more than it was taken to, what was
 * concluded before is worth nothing and the search begins anew; that ends, for a program has finitely many accesses.
 */
import { AccessList, type OperationKind } from '../operation';

/** The value that a location held before an access that a step could have made, and did not. */
export const NOT_ACCESSED: unique symbol = Symbol('not accessed');

interface Footprint {
  readonly kind: OperationKind;
  /** What the step accessed beyond its declared accesses; null as long as there was nothing. */
  extra: AccessList | null;
}

export class Footprints {
  /** By fiber and number of the step; few kinds of operation share a place. */
  readonly #known: Footprint[][][];
  /** What a blocked step may access; reused. */
  readonly #blocked = new AccessList();

  constructor(fibers: number) {
    this.#known = Array.from({ length: fibers }, () => []);
  }

  /**
   * Adds to what a step accessed what it has been seen to access besides.
   * @param declared how many of the accesses were known before the step
   * @returns whether the step was taken to access less than it did
   */
  complete(
    fiber: number,
    step: number,
    kind: OperationKind,
    declared: number,
    performed: AccessList,
  ): boolean {
    const certain = kind.declare === undefined ? declared : 0;
    const known = this.#find(fiber, step, kind);
    const footprint = known ?? this.#make(fiber, step, kind);
    if (performed.length === certain && footprint.extra === null) return false;
    const extra = footprint.extra ?? new AccessList();
    footprint.extra = extra;
    const before = extra.length;
    for (let at = certain; at < performed.length; at++)
      extra.addOnce(performed.location(at), performed.kind(at));
    const grown = extra.length > before;
    addAll(performed, extra);
    return grown && known !== null;
  }

  /** What a blocked step may access: what its operation says, and what the step has been seen to access besides. */
  ofBlocked(fiber: number, step: number, kind: OperationKind, pending: AccessList): AccessList {
    const footprint = this.#find(fiber, step, kind) ?? this.#make(fiber, step, kind);
    if (footprint.extra === null) return pending;
    this.#blocked.copy(pending);
    addAll(this.#blocked, footprint.extra);
    return this.#blocked;
  }

  #find(fiber: number, step: number, kind: OperationKind): Footprint | null {
    const here = this.#known[fiber]?.[step];
    if (here === undefined) return null;
    for (const footprint of here) if (footprint.kind === kind) return footprint;
    return null;
  }

  #make(fiber: number, step: number, kind: OperationKind): Footprint {
    const footprint: Footprint = { kind, extra: null };
    const steps = this.#known[fiber] as Footprint[][];
    while (steps.length <= step) steps.push([]);
    (steps[step] as Footprint[]).push(footprint);
    return footprint;
  }
}

function addAll(to: AccessList, extra: AccessList): void {
  for (let at = 0; at < extra.length; at++) to.addOnce(extra.location(at), extra.kind(at), NOT_ACCESSED);
}
