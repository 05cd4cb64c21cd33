/**
 * Plain C variables: no lock guards them and nothing makes them atomic. Two accesses of different fibers of which one
 * writes, and that nothing orders, are a data race; `loadRacy` is the marked access that is none. A cell without a guard
 * that is no PlainCell stands for a variable whose every access is marked (READ_ONCE, WRITE_ONCE).
 */
import { Cell } from './cell';
import type { Owner } from './kernel-object';

export class PlainCell<T> extends Cell<T> {
  constructor(owner: Owner, name: string, initial: T) {
    super(owner, name, initial, null);
  }

  override get plain(): boolean {
    return true;
  }
}
