/** What every lock of the model has: a class, a place in the accesses, and fibers that hold it. */
import { type Guard, Location } from './cell';
import { reportSleepInAtomic } from './detect/sleep-in-atomic';
import type { Fiber, Lockable } from './fiber';
import type { Owner } from './kernel-object';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from './operation';
import { type Interruption, type Signal, signalOf } from './signal';

export abstract class Lock extends Location implements Lockable, Guard {
  #validated = true;

  /** @param lockClass locks of one class take one place in the lock order */
  constructor(
    owner: Owner,
    name: string,
    readonly lockClass: string = name,
  ) {
    super(owner, name, null);
  }

  override get targetClass(): string {
    return this.lockClass;
  }

  get validated(): boolean {
    return this.#validated;
  }

  /**
   * Says that the kernel's validator does not look at this lock. Its order is analysed all the same; what is found
   * carries `kernelSilent`. Every lock of a class must agree. `@kernel lockdep_set_novalidate_class`
   */
  setNovalidateClass(): void {
    this.#validated = false;
  }

  abstract permits(fiber: Fiber, writing: boolean): boolean;

  /** Whether waiting for it gives up the processor. */
  protected get sleeps(): boolean {
    return true;
  }

  /** Whether the fiber would wait for a lock that it holds itself. */
  protected abstract deadlocksItself(fiber: Fiber, access: AccessKind): boolean;

  /** Builds an operation that never waits. */
  protected submit(kind: OperationKind, access: AccessKind): Step<never> {
    this.access(kind, access);
    return this.owner.world.submit();
  }

  /** Builds an operation that waits until it has the lock. */
  protected acquire(kind: OperationKind, access: AccessKind): Step<never> {
    this.#mayWait(this.access(kind, access), access);
    return this.owner.world.submit();
  }

  /**
   * Builds an operation that waits until it has the lock (0) or a signal of the fiber's task ends the wait (EINTR).
   * Without the signal it is a lock like any other. With it, the answer also says whether the lock was free, as a
   * trylock's does: so it is declared as both, and an unlock can come before or after it.
   */
  protected acquireUnless(
    kind: OperationKind,
    access: AccessKind,
    interruption: Interruption,
  ): Step<0 | 'EINTR'> {
    const pending = this.access(kind, access);
    const signal = signalOf(pending.fiber.task);
    pending.argument = signal;
    pending.number0 = interruption;
    if (signal !== null) {
      pending.accesses.add(this.location, AccessKind.TRY_LOCK);
      signal.join(pending, AccessKind.AWAIT);
    }
    this.#mayWait(pending, access);
    return this.owner.world.submit();
  }

  /** Whether a signal ends the wait of an operation built by `acquireUnless`. */
  protected static interrupted(pending: PendingOperation): boolean {
    const signal = pending.argument as Signal | null;
    return signal?.interrupts(pending.number0 as Interruption) ?? false;
  }

  protected hold(pending: PendingOperation): void {
    pending.fiber.held.push(this);
  }

  /** Forgets the latest time the fiber took it; false when it does not hold it. */
  protected drop(pending: PendingOperation): boolean {
    const { held } = pending.fiber;
    if (held.at(-1) === this) {
      held.pop();
      return true;
    }
    const index = held.lastIndexOf(this);
    if (index >= 0) held.splice(index, 1);
    return index >= 0;
  }

  protected reportBadUnlock(complaint: string): void {
    const { world } = this.owner;
    world.report('bad-unlock', `${world.currentFunctionName()}: ${this.label} ${complaint}`, this.label);
  }

  #mayWait(pending: PendingOperation, access: AccessKind): void {
    const { fiber } = pending;
    if (this.sleeps && fiber.spinlocks > 0) reportSleepInAtomic(pending);
    if (fiber.held.length === 0) return;
    if (this.deadlocksItself(fiber, access)) this.#reportSelfDeadlock(fiber);
    this.owner.world.lockOrder.note(fiber, this);
  }

  #reportSelfDeadlock(fiber: Fiber): void {
    const message = `self-deadlock: ${fiber.name} waits in ${fiber.currentFunction} for ${this.label}, which it holds`;
    this.owner.world.report('deadlock', message, this.label);
  }
}
