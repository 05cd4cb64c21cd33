/** A cell that holds a mutable structure (a tree, a map) which is too large to copy: changes carry their undo. */
import { type Guard, Location } from './cell';
import type { Owner } from './kernel-object';
import { AccessKind, type OperationKind, type Step } from './operation';

const READ: OperationKind = {
  name: 'load',
  enabled: null,
  execute: (p) => (p.target as StructureCell<unknown>).query(p.argument as (structure: unknown) => unknown),
};
const CHANGE: OperationKind = {
  name: 'store',
  enabled: null,
  execute: (p) => (p.target as StructureCell<unknown>).apply(p.argument as Change<unknown, unknown>),
};

/** A change of a structure and the function that takes it back. */
export interface Change<S, R> {
  apply(structure: S): R;
  undo(structure: S): void;
}

export class StructureCell<S> extends Location {
  constructor(
    owner: Owner,
    name: string,
    readonly structure: S,
    guard: Guard | null = null,
  ) {
    super(owner, name, guard);
  }

  /** Reads with `query`, which must not change the structure. */
  read<R>(query: (structure: S) => R): Step<R> {
    this.access(READ, AccessKind.READ).argument = query;
    return this.owner.world.submit();
  }

  /** Changes the structure; `change.undo` must restore it exactly. */
  change<R>(change: Change<S, R>): Step<R> {
    this.access(CHANGE, AccessKind.WRITE).argument = change;
    return this.owner.world.submit();
  }

  /** Reads as part of the running step: an access, but no scheduling point. */
  readInStep<R>(query: (structure: S) => R): R {
    this.accessInStep(AccessKind.READ);
    this.checkOwner('load');
    return this.query(query) as R;
  }

  /** Changes the structure as part of the running step: an access, but no scheduling point. */
  changeInStep<R>(change: Change<S, R>): R {
    this.accessInStep(AccessKind.WRITE);
    this.checkOwner('store');
    return this.apply(change) as R;
  }

  override canonical(): unknown {
    return this.structure;
  }

  query(query: (structure: S) => unknown): unknown {
    this.owner.world.recorder?.touch(this, false, undefined);
    return query(this.structure);
  }

  apply(change: Change<S, unknown>): unknown {
    this.owner.world.log(this, change);
    return change.apply(this.structure);
  }

  /** A structure is changed in place: there is no earlier value to look at. */
  snapshot(): unknown {
    return undefined;
  }

  rollback(before: unknown): void {
    (before as Change<S, unknown>).undo(this.structure);
  }
}
