/** Completions, with and without a time limit in virtual time. `@kernel struct completion` */
import { Location } from './cell';
import type { Owner } from './kernel-object';
import { AccessKind, ENDED_BY_KERNEL, type OperationKind, type Step, type WaitOptions } from './operation';

const WAIT: OperationKind = {
  name: 'wait_for_completion',
  enabled: (p) => (p.target as Completion).available > 0,
  enabledWhen: (_, available) => (available as number) > 0,
  execute: (p) => (p.target as Completion).consume(),
};
const WAIT_TIMEOUT: OperationKind = {
  name: 'wait_for_completion_timeout',
  enabled: (p) => (p.target as Completion).available > 0 || p.fiber.world.now >= p.number0,
  enabledWhen: (p, available) => (available as number) > 0 || p.fiber.world.now >= p.number0,
  execute: (p) => (p.target as Completion).consumeIfAvailable(),
};
const COMPLETE: OperationKind = {
  name: 'complete',
  enabled: null,
  execute: (p) => (p.target as Completion).add(1),
};
const COMPLETE_ALL: OperationKind = {
  name: 'complete_all',
  enabled: null,
  execute: (p) => (p.target as Completion).add(Number.POSITIVE_INFINITY),
};

export class Completion extends Location {
  #available = 0;

  constructor(owner: Owner, name: string) {
    super(owner, name, null);
  }

  get available(): number {
    this.owner.world.recorder?.touch(this, false, undefined);
    return this.#available;
  }

  wait(options: WaitOptions = ENDED_BY_KERNEL): Step<void> {
    this.sleepOn(WAIT, options, AccessKind.CONSUME);
    return this.owner.world.submit();
  }

  /** Waits for at most `milliseconds` of virtual time; true when it was completed. */
  waitTimeout(milliseconds: number, options: WaitOptions = ENDED_BY_KERNEL): Step<boolean> {
    const pending = this.sleepOn(WAIT_TIMEOUT, options, AccessKind.CONSUME);
    pending.number0 = this.owner.world.now + milliseconds;
    return this.owner.world.submit();
  }

  /** Lets one waiter go on. */
  complete(): Step<void> {
    this.access(COMPLETE, AccessKind.WRITE);
    return this.owner.world.submit();
  }

  /** Lets every waiter go on, now and later. */
  completeAll(): Step<void> {
    this.access(COMPLETE_ALL, AccessKind.WRITE);
    return this.owner.world.submit();
  }

  add(count: number): void {
    this.#set(this.#available + count);
  }

  consume(): void {
    this.#set(this.#available - 1);
  }

  consumeIfAvailable(): boolean {
    if (this.#available === 0) return false;
    this.consume();
    return true;
  }

  snapshot(): unknown {
    return this.#available;
  }

  rollback(before: unknown): void {
    this.#available = before as number;
  }

  #set(available: number): void {
    this.owner.world.log(this, this.#available);
    this.#available = available;
  }
}
