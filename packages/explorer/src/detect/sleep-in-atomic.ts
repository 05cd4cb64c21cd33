/**
 * Sleeping while atomic: an operation that may give up the processor, asked for under a spinlock. It is found when the
 * operation is built, whether or not it would have to wait this time. `@kernel might_sleep`
 */
import type { Fiber } from '../fiber';
import type { PendingOperation } from '../operation';

/** Records `sleep-in-atomic` for `pending`. Precondition: its fiber holds a spinlock. */
export function reportSleepInAtomic(pending: PendingOperation): void {
  const { fiber, kind, target } = pending;
  const what = `${kind?.name} ${target?.label}`;
  const message = `${fiber.currentFunction}: ${what} may sleep, and ${fiber.name} holds ${heldBy(fiber)}`;
  fiber.world.report('sleep-in-atomic', message, target?.label ?? null);
}

function heldBy(fiber: Fiber): string {
  return fiber.held.map((lock) => lock.label).join(', ');
}
