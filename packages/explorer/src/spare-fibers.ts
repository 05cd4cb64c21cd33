/**
 * Fibers whose calls have returned, for the calls to come. Locks belong to a task, not to one of its calls: what a call
 * left locked its task still holds in its next one.
 */
import type { Fiber, Lockable } from './fiber';

/** A fiber that returned with locks held, and which. */
export interface HoldingFiber {
  readonly fiber: Fiber;
  readonly name: string;
  readonly task: unknown;
  readonly held: readonly Lockable[];
  readonly spinlocks: number;
}

export class SpareFibers {
  #free: Fiber | null = null;
  /** Fibers that returned with locks held, by task. */
  readonly #holding = new Map<unknown, Fiber>();

  /** A fiber for a call on behalf of `task`, or null where there is none. */
  take(task: unknown): Fiber | null {
    const holding = this.#holding.size === 0 ? undefined : this.#holding.get(task);
    if (holding !== undefined) {
      this.#holding.delete(task);
      return holding;
    }
    const free = this.#free;
    this.#free = null;
    return free;
  }

  /** Takes in the fiber of a call that returned; one that left locks without a task is not used again. */
  give(fiber: Fiber): void {
    if (fiber.functions.length > 0) return;
    if (fiber.held.length === 0) this.#free = fiber;
    else if (fiber.task !== null) this.#holding.set(fiber.task, fiber);
  }

  /** The fibers that hold locks now. */
  checkpoint(): readonly HoldingFiber[] {
    return [...this.#holding.values()].map((fiber) => {
      const { name, task, held, spinlocks } = fiber;
      return { fiber, name, task, held: [...held], spinlocks };
    });
  }

  /** Forgets all but those that held locks at the checkpoint; these hold them again, whoever has used them since. */
  restore(holding: readonly HoldingFiber[]): void {
    this.#free = null;
    this.#holding.clear();
    for (const { fiber, name, task, held, spinlocks } of holding) {
      Object.assign(fiber, { name, task, spinlocks });
      fiber.held.splice(0, fiber.held.length, ...held);
      this.#holding.set(task, fiber);
    }
  }
}
