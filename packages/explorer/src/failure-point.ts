/**
 * Failure as a choice point: an allocation (or whatever can fail for no reason of its own) races with an environment
 * that makes the next one fail. A search of the races tries the failure at every position; no engine knows about it.
 * Leaves out: probabilities, and failures by size or context. `@kernel should_failslab`
 */
import { Location } from './cell';
import type { Owner } from './kernel-object';
import { AccessKind, type Op, type OperationKind, type Step } from './operation';
import type { Thread } from './program';

const SHOULD_FAIL: OperationKind = {
  name: 'should_fail',
  enabled: null,
  execute: (p) => (p.target as FailurePoint).consume(),
};
const ARM: OperationKind = {
  name: 'arm_failure',
  enabled: null,
  execute: (p) => (p.target as FailurePoint).set((p.target as FailurePoint).armed + 1),
};

export class FailurePoint extends Location {
  #armed = 0;

  constructor(owner: Owner, name: string) {
    super(owner, name, null);
  }

  /** How many of the coming allocations fail. For inspection: no access is recorded. */
  get armed(): number {
    return this.#armed;
  }

  /**
   * Whether the allocation at this place fails; a true answer uses the failure up.
   *
   * It is declared as a read, and as a write as well once it has used one up: two allocations that both succeed can be
   * swapped. Declaring only the read beforehand is enough, since an allocation that turns out to be only a read found
   * nothing armed, and then the next one finds nothing either.
   */
  fails(): Step<boolean> {
    this.access(SHOULD_FAIL, AccessKind.READ);
    return this.owner.world.submit();
  }

  /** Makes one more of the coming allocations fail. */
  arm(): Step<void> {
    this.access(ARM, AccessKind.WRITE);
    return this.owner.world.submit();
  }

  consume(): boolean {
    if (this.#armed === 0) return false;
    this.set(this.#armed - 1);
    // Only a search looks at them, and only there does a scheduling point clear them.
    this.accessInStep(AccessKind.WRITE);
    return true;
  }

  /** Sets how many of the coming allocations fail, under the undo log, without an access: for boot. */
  set(armed: number): void {
    this.owner.world.log(this, this.#armed);
    this.#armed = armed;
  }

  snapshot(): unknown {
    return this.#armed;
  }

  rollback(before: unknown): void {
    this.#armed = before as number;
  }
}

/**
 * The environment that makes up to `times` allocations at `point` fail, anywhere in the execution: fewer fail where it
 * comes too late. Add it to a program's threads; a counterexample shows where it struck.
 */
export function failureThread(point: FailurePoint, times = 1): Thread {
  return {
    name: `failure of ${point.label}`,
    *body(): Op<void> {
      for (let failure = 0; failure < times; failure++) yield* point.arm();
    },
  };
}
