/**
 * One execution of a program after another: back to the initial state, one step at a time, to the end. Whoever searches
 * decides which fiber makes the next step. Fibers are reused: nothing is built anew for an execution.
 */

import type { WorldCheckpoint } from '../checkpoint';
import { Fiber } from '../fiber';
import type { AccessList } from '../operation';
import type { Program } from '../program';
import { UsageError } from '../usage-error';
import type { Accesses } from './dependency';
import type { Trail } from './trail';

/** Fibers are bits of a 32-bit mask. */
const MOST_FIBERS = 31;

export class Execution {
  readonly fibers: readonly Fiber[];
  /** Called when the world is in its initial state, before the fibers run up to their first operation. */
  onStart: (() => void) | null = null;
  readonly #initial: WorldCheckpoint;

  /**
   * @throws UsageError for no thread or more than 31, for two of one name, or while a fiber of the world lives.
   */
  constructor(readonly program: Program) {
    const { world, threads } = program;
    if (threads.length > MOST_FIBERS) {
      throw new UsageError(
        `program ${program.id} has ${threads.length} threads; ${MOST_FIBERS} are the most`,
      );
    }
    if (threads.length === 0) throw new UsageError(`program ${program.id} has no threads`);
    for (const [id, { name }] of threads.entries()) {
      // Objects are named after the thread that made them, and findings after both.
      if (threads.findIndex((thread) => thread.name === name) === id) continue;
      throw new UsageError(`program ${program.id} has two threads called ${name}`);
    }
    this.#initial = world.checkpoint();
    this.fibers = threads.map((thread, id) => new Fiber(world, id, thread.name, thread.task ?? null));
  }

  /** Goes back to the initial state and runs every fiber up to its first operation. */
  start(): void {
    const { world, threads } = this.program;
    world.restore(this.#initial);
    world.mode = 'search';
    world.searching = true;
    world.searchedFibers = this.fibers.length;
    this.onStart?.();
    for (const [id, fiber] of this.fibers.entries()) {
      fiber.restart((threads[id] as Program['threads'][number]).body);
      world.resume(fiber);
    }
  }

  /** Goes back to the initial state and leaves the world to ordinary calls. */
  finish(): void {
    const { world } = this.program;
    world.restore(this.#initial);
    world.mode = 'ordinary';
    world.searching = false;
  }

  /** Bit i: fiber i can make a step. */
  enabled(): number {
    const { world } = this.program;
    let mask = 0;
    for (const fiber of this.fibers) if (world.isEnabled(fiber)) mask |= 1 << fiber.id;
    return mask;
  }

  /** Bit i: fiber i has not ended. */
  unfinished(): number {
    let mask = 0;
    for (const fiber of this.fibers) if (!fiber.finished) mask |= 1 << fiber.id;
    return mask;
  }

  /**
   * Performs the pending operation of a fiber and runs its code up to the next one. Precondition: it is enabled.
   * Afterwards `fiber.performed` has the accesses of the whole step.
   */
  step(id: number): void {
    const { world } = this.program;
    const fiber = this.fibers[id] as Fiber;
    world.performPending(fiber);
    world.resume(fiber);
    if (world.invariants.length > 0) world.checkInvariants(fiber);
  }

  /** Makes the steps of the trail again, from the initial state. What they access is known, and is not noted. */
  repeat(trail: Trail): void {
    const { world } = this.program;
    world.repeating = true;
    try {
      for (let depth = 0; depth < trail.depth; depth++) this.step(trail.fiberOf(depth));
    } finally {
      world.repeating = false;
    }
  }

  /** What the operation that fiber `id` waits to perform accesses. */
  pendingAccesses(id: number): AccessList {
    return (this.fibers[id] as Fiber).pending.accesses;
  }

  /** Whether the last step of a fiber made these accesses, in this order; after them may stand some that it could make. */
  performedLike(id: number, accesses: Accesses): boolean {
    const { performed } = this.fibers[id] as Fiber;
    if (performed.length * 2 > accesses.length) return false;
    for (let index = 0; index < performed.length; index++) {
      if (performed.location(index) !== accesses[index * 2]) return false;
      if (performed.kind(index) !== accesses[index * 2 + 1]) return false;
    }
    return true;
  }
}
