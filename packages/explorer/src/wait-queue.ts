/**
 * Wait queues: sleeping until a condition holds, where somebody has to wake the sleeper. A condition that comes true
 * without a wake-up leaves the sleeper asleep: a lost wake-up, found as a deadlock.
 *
 * A wait is several steps, as in the kernel: get on the queue, evaluate the condition, sleep until the next wake-up,
 * again. The condition is kernel code and its reads are steps that declare themselves, so none can be forgotten. Where
 * the wake-up is not in question, `Cell.waitUntil` is one step and far cheaper to search.
 * Leaves out: exclusive waiters, wake-ups of one waiter, time limits. `@kernel wait_queue_head_t`
 */
import { Location } from './cell';
import { reportSleepInAtomic } from './detect/sleep-in-atomic';
import type { Owner } from './kernel-object';
import {
  AccessKind,
  ENDED_BY_KERNEL,
  type Op,
  type OperationKind,
  type Step,
  type WaitOptions,
} from './operation';
import { Interruption, type Signal, signalOf } from './signal';

/** What a waiter gets instead of its place in the queue when a signal is pending. */
const INTERRUPTED = -1;

const PREPARE: OperationKind = {
  name: 'prepare_to_wait',
  enabled: null,
  execute: (p) =>
    (p.argument as Signal | null)?.interrupts(Interruption.BY_ANY)
      ? INTERRUPTED
      : (p.target as WaitQueue).wakeUps,
};
const SLEEP: OperationKind = {
  name: 'wait_event',
  enabled: (p) => (p.target as WaitQueue).wakeUps !== p.number0,
  enabledWhen: (p, wakeUps) => wakeUps !== p.number0,
  execute: () => undefined,
};
/** There are two things to wait for, so no value of one of them says whether it would end: no `enabledWhen`. */
const SLEEP_INTERRUPTIBLE: OperationKind = {
  name: 'wait_event_interruptible',
  enabled: (p) =>
    (p.target as WaitQueue).wakeUps !== p.number0 || (p.argument as Signal).interrupts(Interruption.BY_ANY),
  execute: () => undefined,
};
const WAKE_UP: OperationKind = {
  name: 'wake_up',
  enabled: null,
  execute: (p) => (p.target as WaitQueue).wake(),
};

export class WaitQueue extends Location {
  #wakeUps = 0;

  constructor(owner: Owner, name: string) {
    super(owner, name, null);
  }

  /** How often everybody was woken. For inspection: no access is recorded. */
  get wakeUps(): number {
    return this.#wakeUps;
  }

  /**
   * Waits until `condition` answers true; it is evaluated at once and after each wake-up. `@kernel wait_event`
   * Precondition: `condition` waits for nothing that the waker holds, and leaves no lock held.
   */
  *waitUntil(condition: () => Op<boolean>, options: WaitOptions = ENDED_BY_KERNEL): Op<void> {
    for (;;) {
      const seen = yield* this.#prepare(null);
      if (yield* condition()) return;
      yield* this.#sleep(seen, null, options);
    }
  }

  /**
   * The same (0), unless a signal is pending for the fiber's task while the condition is false (EINTR).
   * `@kernel wait_event_interruptible`
   */
  *waitUntilInterruptible(
    condition: () => Op<boolean>,
    options: WaitOptions = ENDED_BY_KERNEL,
  ): Op<0 | 'EINTR'> {
    const signal = signalOf(this.owner.world.current?.task);
    for (;;) {
      const seen = yield* this.#prepare(signal);
      if (yield* condition()) return 0;
      if (seen === INTERRUPTED) return 'EINTR';
      yield* this.#sleep(seen, signal, options);
    }
  }

  /** Lets everybody who sleeps on the queue evaluate its condition again. `@kernel wake_up_all` */
  wakeUp(): Step<void> {
    this.access(WAKE_UP, AccessKind.WRITE);
    return this.owner.world.submit();
  }

  wake(): void {
    this.owner.world.log(this, this.#wakeUps);
    this.#wakeUps++;
  }

  snapshot(): unknown {
    return this.#wakeUps;
  }

  rollback(before: unknown): void {
    this.#wakeUps = before as number;
  }

  #prepare(signal: Signal | null): Step<number> {
    const pending = this.access(PREPARE, AccessKind.READ);
    pending.argument = signal;
    signal?.join(pending, AccessKind.READ);
    if (pending.fiber.spinlocks > 0) reportSleepInAtomic(pending);
    return this.owner.world.submit();
  }

  #sleep(seen: number, signal: Signal | null, options: WaitOptions): Step<void> {
    const pending = this.sleepOn(signal === null ? SLEEP : SLEEP_INTERRUPTIBLE, options);
    pending.argument = signal;
    pending.number0 = seen;
    signal?.join(pending, AccessKind.AWAIT);
    return this.owner.world.submit();
  }
}
