/**
 * Lock-order inversion: two locks taken in one order here and in the other there can deadlock, whether or not an
 * execution ever did. Evidence adds up over all executions of a world. `@kernel lockdep`
 *
 * In ordinary calls an inversion is recorded among the world's violations. In a search it is a finding of the search:
 * which execution comes first to a nesting says nothing about that execution.
 *
 * Nesting is noted when a fiber asks for a lock that it may have to wait for, as lockdep does, so that the execution
 * that deadlocks is evidence too; a trylock cannot wait and is none. Locks are judged by class, and locks of one class
 * against each other by instance: child and parent of a tree are fine as long as nobody does it the other way round. A
 * reader counts like a writer: in the kernel a waiting writer holds later readers back.
 * Leaves out: interrupt contexts, waits that are no locks (a completion, a wait queue), cycles that mix instances of
 * one class with other classes, and locks above that make a cycle harmless.
 */
import type { Fiber, Lockable } from '../fiber';
import type { Violation } from '../violation';
import type { World } from '../world';
import { type LockNesting, OrderGraph } from './order-graph';

export class LockOrder {
  /** Every inversion found so far, in whatever execution. */
  readonly inversions: Violation[] = [];
  /** What ordinary calls showed: the part that a new search begins with. */
  readonly #outside: (() => void)[] = [];
  readonly #byClass = new OrderGraph<string>();
  readonly #byInstance = new OrderGraph<number>();

  constructor(private readonly world: World) {}

  /** Notes that `fiber` is about to wait for `lock` with what it holds. Records a `lock-inversion` for a new cycle. */
  note(fiber: Fiber, lock: Lockable): void {
    const { held } = fiber;
    for (let index = 0; index < held.length; index++) {
      const outer = held[index] as Lockable;
      if (outer === lock) continue;
      if (outer.lockClass === lock.lockClass) {
        if (!this.#byInstance.has(outer.location, lock.location)) {
          this.#add(this.#byInstance, outer.location, lock.location, this.#nesting(fiber, outer, lock));
        }
      } else if (!this.#byClass.has(outer.lockClass, lock.lockClass)) {
        this.#add(this.#byClass, outer.lockClass, lock.lockClass, this.#nesting(fiber, outer, lock));
      }
    }
  }

  /** Forgets what searches have shown and keeps what ordinary calls did. */
  beginSearch(): void {
    this.#byClass.clear();
    this.#byInstance.clear();
    this.inversions.length = 0;
    for (const addAgain of this.#outside) addAgain();
  }

  #nesting(fiber: Fiber, outer: Lockable, lock: Lockable): LockNesting {
    return {
      fiber: fiber.name,
      at: fiber.currentFunction,
      held: outer.label,
      taken: lock.label,
      step: this.world.steps,
      validated: outer.validated && lock.validated,
    };
  }

  #add<K>(graph: OrderGraph<K>, outer: K, inner: K, nesting: LockNesting): void {
    graph.add(outer, inner, nesting);
    const outside = !this.world.searching;
    if (outside) this.#outside.push(() => graph.add(outer, inner, nesting));
    // No path of validated nestings touches an excluded lock, so one back to here means that both ends are validated.
    const audible = graph.path(inner, outer, true);
    const back = audible ?? graph.path(inner, outer, false);
    if (back === null) return;
    const message = [nesting, ...back].map(inWords).join('; ');
    const note = audible === null ? { kernelSilent: true as const } : {};
    const { fiber, at, step, taken } = nesting;
    this.inversions.push({ kind: 'lock-inversion', message, object: taken, at, fiber, step, ...note });
    if (outside) this.world.report('lock-inversion', message, taken, note);
  }
}

function inWords({ fiber, at, held, taken, step }: LockNesting): string {
  return `${fiber} takes ${taken} in ${at} holding ${held} (step ${step})`;
}
