/** Completions, with and without a time limit in virtual time. `@kernel struct completion` */
import { Location } from './cell';
import type { Owner } from './kernel-object';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from './operation';

const WAIT: OperationKind = {
  name: 'wait_for_completion',
  enabled: (p) => (p.target as Completion).available > 0,
  execute: (p) => (p.target as Completion).consume(),
};
const WAIT_TIMEOUT: OperationKind = {
  name: 'wait_for_completion_timeout',
  enabled: (p) => (p.target as Completion).available > 0 || p.fiber.world.now >= p.number0,
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

  wait(): Step<void> {
    this.#accessToConsume(WAIT);
    return this.owner.world.submit();
  }

  /** Waits for at most `milliseconds` of virtual time; true when it was completed. */
  waitTimeout(milliseconds: number): Step<boolean> {
    const pending = this.#accessToConsume(WAIT_TIMEOUT);
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

  canonical(): unknown {
    return this.#available;
  }

  rollback(before: unknown): void {
    this.#available = before as number;
  }

  /** A waiter takes what it waited for: two of them conflict. */
  #accessToConsume(kind: OperationKind): PendingOperation {
    const pending = this.access(kind, AccessKind.AWAIT);
    pending.accesses.add(this.location, AccessKind.WRITE);
    return pending;
  }

  #set(available: number): void {
    this.owner.world.log(this, this.#available);
    this.#available = available;
  }
}
