/** Reader-writer semaphore. Leaves out writer preference and downgrade. `@kernel struct rw_semaphore` */
import type { Fiber } from './fiber';
import { Lock } from './lock';
import { AccessKind, type OperationKind, type PendingOperation, type Step } from './operation';
import { Interruption } from './signal';
import type { Undoable } from './undo-log';

const DOWN_READ: OperationKind = {
  name: 'down_read',
  enabled: (p) => (p.target as RwSemaphore).readable,
  execute: (p) => (p.target as RwSemaphore).addReader(p),
};
const DOWN_READ_TRYLOCK: OperationKind = {
  name: 'down_read_trylock',
  enabled: null,
  execute: (p) => (p.target as RwSemaphore).tryAddReader(p),
};
const UP_READ: OperationKind = {
  name: 'up_read',
  enabled: null,
  execute: (p) => (p.target as RwSemaphore).removeReader(p),
};
const DOWN_WRITE: OperationKind = {
  name: 'down_write',
  enabled: (p) => (p.target as RwSemaphore).writable,
  execute: (p) => (p.target as RwSemaphore).takeForWriting(p),
};
const DOWN_WRITE_KILLABLE: OperationKind = {
  name: 'down_write_killable',
  enabled: (p) => (p.target as RwSemaphore).writableOrInterrupted(p),
  execute: (p) => ((p.target as RwSemaphore).tryTakeForWriting(p) ? 0 : 'EINTR'),
};
const DOWN_WRITE_TRYLOCK: OperationKind = {
  name: 'down_write_trylock',
  enabled: null,
  execute: (p) => (p.target as RwSemaphore).tryTakeForWriting(p),
};
const UP_WRITE: OperationKind = {
  name: 'up_write',
  enabled: null,
  execute: (p) => (p.target as RwSemaphore).clearWriter(p),
};

/** Who left, for the undo log: everybody else in it came in. */
interface Left {
  readonly left: Fiber;
}

/** The readers of one semaphore; one that took it twice is there twice. In what order they came cannot be seen. */
class Readers implements Undoable {
  readonly list: Fiber[] = [];

  constructor(private readonly semaphore: RwSemaphore) {}

  get location(): number {
    return this.semaphore.location;
  }

  enter(fiber: Fiber): void {
    this.semaphore.owner.world.log(this, fiber);
    this.list.push(fiber);
  }

  /** Precondition: the fiber is in the list. */
  leave(fiber: Fiber): void {
    const change: Left = { left: fiber };
    this.semaphore.owner.world.log(this, change);
    this.list.splice(this.list.lastIndexOf(fiber), 1);
  }

  canonical(): unknown {
    const counts = new Map<Fiber, number>();
    for (const reader of this.list) counts.set(reader, (counts.get(reader) ?? 0) + 1);
    return ['readers', counts];
  }

  rollback(before: unknown): void {
    const change = before as Fiber | Left;
    if ('left' in change) this.list.push(change.left);
    else this.list.splice(this.list.lastIndexOf(change), 1);
  }
}

export class RwSemaphore extends Lock {
  writer: Fiber | null = null;
  readonly #readers = new Readers(this);

  /** Who holds it for reading now; one that took it twice is there twice. */
  get readers(): readonly Fiber[] {
    return this.#readers.list;
  }

  get readable(): boolean {
    return this.writer === null;
  }

  get writable(): boolean {
    return this.writer === null && this.#readers.list.length === 0;
  }

  /** Waits until nobody holds it for writing. */
  downRead(): Step<void> {
    return this.acquire(DOWN_READ, AccessKind.READ_LOCK);
  }

  /** Takes it for reading if nobody holds it for writing; the answer says whether. `@kernel down_read_trylock` */
  tryDownRead(): Step<boolean> {
    return this.submit(DOWN_READ_TRYLOCK, AccessKind.TRY_LOCK);
  }

  /** Records `bad-unlock` when the fiber does not hold it for reading. */
  upRead(): Step<void> {
    return this.submit(UP_READ, AccessKind.READ_UNLOCK);
  }

  /** Waits until nobody holds it. */
  downWrite(): Step<void> {
    return this.acquire(DOWN_WRITE, AccessKind.LOCK);
  }

  /**
   * Waits until nobody holds it (0), or until a fatal signal is pending for the fiber's task while somebody does
   * (EINTR). `@kernel down_write_killable`
   */
  downWriteKillable(): Step<0 | 'EINTR'> {
    return this.acquireUnless(DOWN_WRITE_KILLABLE, AccessKind.LOCK, Interruption.BY_FATAL);
  }

  /** Takes it for writing if nobody holds it; the answer says whether. `@kernel down_write_trylock` */
  tryDownWrite(): Step<boolean> {
    return this.submit(DOWN_WRITE_TRYLOCK, AccessKind.TRY_LOCK);
  }

  /** Records `bad-unlock` when the fiber does not hold it for writing. */
  upWrite(): Step<void> {
    return this.submit(UP_WRITE, AccessKind.UNLOCK);
  }

  permits(fiber: Fiber, writing: boolean): boolean {
    return this.writer === fiber || (!writing && this.#readers.list.includes(fiber));
  }

  addReader(pending: PendingOperation): void {
    this.#readers.enter(pending.fiber);
    this.hold(pending);
  }

  tryAddReader(pending: PendingOperation): boolean {
    if (!this.readable) return false;
    this.addReader(pending);
    return true;
  }

  removeReader(pending: PendingOperation): void {
    const { fiber } = pending;
    if (!this.#readers.list.includes(fiber)) {
      this.#reportNotHeld(fiber, 'reading');
      return;
    }
    this.#readers.leave(fiber);
    this.drop(pending);
  }

  takeForWriting(pending: PendingOperation): void {
    this.#setWriter(pending.fiber);
    this.hold(pending);
  }

  tryTakeForWriting(pending: PendingOperation): boolean {
    if (!this.writable) return false;
    this.takeForWriting(pending);
    return true;
  }

  writableOrInterrupted(pending: PendingOperation): boolean {
    return this.writable || RwSemaphore.interrupted(pending);
  }

  clearWriter(pending: PendingOperation): void {
    const mine = this.writer === pending.fiber;
    if (!mine) this.#reportNotHeld(pending.fiber, 'writing');
    this.#setWriter(null);
    if (mine) this.drop(pending);
  }

  snapshot(): unknown {
    return this.writer;
  }

  rollback(before: unknown): void {
    this.writer = before as Fiber | null;
  }

  protected deadlocksItself(fiber: Fiber, access: AccessKind): boolean {
    // A second time for reading is let in: writers have no preference here.
    return this.writer === fiber || (access === AccessKind.LOCK && this.#readers.list.includes(fiber));
  }

  #setWriter(fiber: Fiber | null): void {
    this.owner.world.log(this, this.writer);
    this.writer = fiber;
  }

  #reportNotHeld(fiber: Fiber, purpose: 'reading' | 'writing'): void {
    const holders = this.writer === null ? this.#readers.list : [this.writer];
    const held = holders.length === 0 ? 'nobody' : holders.map((holder) => holder.name).join(', ');
    this.reportBadUnlock(`is not held for ${purpose} by ${fiber.name}; it is held by ${held}`);
  }
}
