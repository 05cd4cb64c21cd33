/**
 * Objects with a life. Memory in a kernel can be freed while somebody still holds a pointer; here a freed object
 * stays readable and every later access to one of its members is recorded as use-after-free, as KASAN does.
 */
import type { Step } from './operation';
import { AccessKind, type OperationKind, type PendingOperation } from './operation';
import type { AllocationName, World } from './world';

/** What a cell, lock or reference belongs to: an object with a life, or the world itself (never freed). */
export interface Owner {
  readonly world: World;
  readonly label: string;
}

const FREE: OperationKind = {
  name: 'kfree',
  enabled: null,
  execute: (pending) => (pending.target as KernelObject).performFree(pending),
};

export class KernelObject implements Owner {
  readonly lifeLocation: number;
  readonly #name: string | AllocationName;
  #freedBy: string | null = null;

  /** @param site what kind of object it is, e.g. `iommu_group`; instances are told apart by `name` or a number. */
  constructor(
    readonly world: World,
    readonly site: string,
    name?: string,
  ) {
    this.#name = name ?? world.nameAllocation();
    this.lifeLocation = world.newLocation();
    world.objectCreated(site, this);
  }

  get label(): string {
    const name = this.#name;
    if (typeof name === 'string') return `${this.site}:${name}`;
    const { fiber, number } = name;
    return fiber === null ? `${this.site}#${number}` : `${this.site}#${fiber}.${number}`;
  }

  get freed(): boolean {
    this.world.recorder?.touch(this, false, undefined);
    return this.#freedBy !== null;
  }

  /** Ends the object's life. A second time is a double free. `@kernel kfree` */
  free(): Step<void> {
    const pending = this.world.begin(FREE, this);
    pending.accesses.add(this.lifeLocation, AccessKind.WRITE);
    return this.world.submit();
  }

  performFree(pending: PendingOperation): void {
    if (this.#freedBy !== null) {
      this.world.report('double-free', `${this.label} was already freed by ${this.#freedBy}`, this.label);
      return;
    }
    this.world.log(this, null);
    this.#freedBy = pending.fiber.currentFunction;
    this.world.objectFreed(this.site);
  }

  /** Records use-after-free when the object is dead. Called by the engine for every access to a member. */
  checkAlive(operation: string): void {
    if (this.#freedBy === null) return;
    const where = this.world.currentFunctionName();
    const message = `${where}: ${operation} touches ${this.label}, freed by ${this.#freedBy}`;
    this.world.report('use-after-free', message, this.label);
  }

  canonical(): unknown {
    return this.#freedBy !== null;
  }

  /** Undo of `performFree`; the world restores its counts itself. */
  rollback(): void {
    this.#freedBy = null;
  }
}
