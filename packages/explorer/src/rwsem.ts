/** Reader-writer semaphore. Leaves out writer preference and downgrade. `@kernel struct rw_semaphore` */
import type { Guard } from './cell';
import type { Fiber, Lockable } from './fiber';
import { KernelObject, type Owner } from './kernel-object';
import { AccessKind, type OperationKind, type PendingOperation, type Step, type Target } from './operation';

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

interface Holders {
  readonly writer: Fiber | null;
  readonly readers: readonly Fiber[];
}

export class RwSemaphore implements Target, Lockable, Guard {
  readonly label: string;
  readonly location: number;
  readonly #object: KernelObject | null;
  #holders: Holders = { writer: null, readers: [] };

  constructor(
    readonly owner: Owner,
    name: string,
    readonly lockClass: string = name,
  ) {
    this.#object = owner instanceof KernelObject ? owner : null;
    this.label = owner.label === '' ? name : `${owner.label}.${name}`;
    this.location = owner.world.newLocation();
  }

  get targetClass(): string {
    return this.lockClass;
  }

  get writer(): Fiber | null {
    return this.#holders.writer;
  }

  get readers(): readonly Fiber[] {
    return this.#holders.readers;
  }

  downRead(): Step<void> {
    return this.#build(DOWN_READ, AccessKind.READ_LOCK);
  }

  upRead(): Step<void> {
    return this.#build(UP_READ, AccessKind.READ_UNLOCK);
  }

  downWrite(): Step<void> {
    return this.#build(DOWN_WRITE, AccessKind.LOCK);
  }

  upWrite(): Step<void> {
    return this.#build(UP_WRITE, AccessKind.UNLOCK);
  }

  permits(fiber: Fiber, writing: boolean): boolean {
    return this.writer === fiber || (!writing && this.readers.includes(fiber));
  }

  addReader(pending: PendingOperation): void {
    this.#set({ writer: null, readers: [...this.readers, pending.fiber] });
    pending.fiber.held.push(this);
  }

  removeReader(pending: PendingOperation): void {
    const index = this.readers.indexOf(pending.fiber);
    if (index < 0) this.#badUnlock(pending.fiber);
    this.#set({ writer: this.writer, readers: this.readers.filter((_, position) => position !== index) });
    this.#drop(pending.fiber);
  }

  setWriter(pending: PendingOperation): void {
    this.#set({ writer: pending.fiber, readers: [] });
    pending.fiber.held.push(this);
  }

  clearWriter(pending: PendingOperation): void {
    if (this.writer !== pending.fiber) this.#badUnlock(pending.fiber);
    this.#set({ writer: null, readers: this.readers });
    this.#drop(pending.fiber);
  }

  rollback(before: unknown): void {
    this.#holders = before as Holders;
  }

  #set(holders: Holders): void {
    this.owner.world.log(this, this.#holders);
    this.#holders = holders;
  }

  #drop(fiber: Fiber): void {
    const index = fiber.held.lastIndexOf(this);
    if (index >= 0) fiber.held.splice(index, 1);
  }

  #badUnlock(fiber: Fiber): void {
    this.owner.world.report('bad-unlock', `${this.label} is not held by ${fiber.name}`, this.label);
  }

  #build(kind: OperationKind, access: AccessKind): Step<never> {
    const world = this.owner.world;
    const pending = world.begin(kind, this);
    pending.owner = this.#object;
    pending.accesses.add(this.location, access);
    if (this.#object !== null) pending.accesses.add(this.#object.lifeLocation, AccessKind.READ);
    return world.submit();
  }
}
