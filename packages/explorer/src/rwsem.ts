/** Reader-writer semaphore. Leaves out writer preference and downgrade. `@kernel struct rw_semaphore` */
import type { Fiber } from './fiber';
import { Lock } from './lock';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from './operation';

const DOWN_READ: OperationKind = {
  name: 'down_read',
  enabled: (p) => (p.target as RwSemaphore).writer === null,
  execute: (p) => (p.target as RwSemaphore).addReader(p),
};
const UP_READ: OperationKind = {
  name: 'up_read',
  enabled: null,
  execute: (p) => (p.target as RwSemaphore).removeReader(p),
};
const DOWN_WRITE: OperationKind = {
  name: 'down_write',
  enabled: (p) => (p.target as RwSemaphore).writer === null && (p.target as RwSemaphore).readers.length === 0,
  execute: (p) => (p.target as RwSemaphore).setWriter(p),
};
const UP_WRITE: OperationKind = {
  name: 'up_write',
  enabled: null,
  execute: (p) => (p.target as RwSemaphore).clearWriter(p),
};

/** How often each reader holds it: in what order they came cannot be seen. */
function countEach(readers: readonly Fiber[]): Map<Fiber, number> {
  const counts = new Map<Fiber, number>();
  for (const reader of readers) counts.set(reader, (counts.get(reader) ?? 0) + 1);
  return counts;
}

interface Holders {
  readonly writer: Fiber | null;
  readonly readers: readonly Fiber[];
}

export class RwSemaphore extends Lock {
  #holders: Holders = { writer: null, readers: [] };

  get writer(): Fiber | null {
    return this.#holders.writer;
  }

  get readers(): readonly Fiber[] {
    return this.#holders.readers;
  }

  downRead(): Step<void> {
    return this.submit(DOWN_READ, AccessKind.READ_LOCK);
  }

  upRead(): Step<void> {
    return this.submit(UP_READ, AccessKind.READ_UNLOCK);
  }

  downWrite(): Step<void> {
    return this.submit(DOWN_WRITE, AccessKind.LOCK);
  }

  upWrite(): Step<void> {
    return this.submit(UP_WRITE, AccessKind.UNLOCK);
  }

  permits(fiber: Fiber, writing: boolean): boolean {
    return this.writer === fiber || (!writing && this.readers.includes(fiber));
  }

  addReader(pending: PendingOperation): void {
    this.#set({ writer: null, readers: [...this.readers, pending.fiber] });
    this.hold(pending);
  }

  removeReader(pending: PendingOperation): void {
    const index = this.readers.indexOf(pending.fiber);
    if (index < 0) this.#reportNotHeld(pending.fiber);
    this.#set({ writer: this.writer, readers: this.readers.filter((_, position) => position !== index) });
    this.drop(pending);
  }

  setWriter(pending: PendingOperation): void {
    this.#set({ writer: pending.fiber, readers: [] });
    this.hold(pending);
  }

  clearWriter(pending: PendingOperation): void {
    if (this.writer !== pending.fiber) this.#reportNotHeld(pending.fiber);
    this.#set({ writer: null, readers: this.readers });
    this.drop(pending);
  }

  canonical(): unknown {
    return [this.writer, countEach(this.readers)];
  }

  rollback(before: unknown): void {
    this.#holders = before as Holders;
  }

  #set(holders: Holders): void {
    this.owner.world.log(this, this.#holders);
    this.#holders = holders;
  }

  #reportNotHeld(fiber: Fiber): void {
    this.reportBadUnlock(`is not held by ${fiber.name}`);
  }
}
