/** Marks a generator as a named kernel function: its calls and returns are events, its name is in every finding. */
import { labelOf } from './event';
import type { Fiber } from './fiber';
import type { Op } from './operation';
import type { World } from './world';

/** The first argument of a kernel function leads to the world: an object of the world, or a structure naming one. */
interface InWorld {
  readonly world: World;
}

/**
 * Wraps `body` so that it is known as `name` while it runs.
 * Precondition: the first argument has a `world`. Cost: one generator level for each call.
 */
export function kernelFunction<A extends readonly [InWorld, ...unknown[]], T>(
  name: string,
  body: (...parameters: A) => Op<T>,
): (...parameters: A) => Op<T> {
  function* traced(...parameters: A): Op<T> {
    const world = parameters[0].world;
    const fiber = world.current as Fiber;
    if (world.listener !== null) world.emit('call', name + world.functionSuffix, labels(parameters), '');
    fiber.functions.push(name);
    const value = yield* body(...parameters);
    fiber.functions.pop();
    if (world.listener !== null) world.emit('return', name + world.functionSuffix, '', labelOf(value));
    return value;
  }
  // The body's name says which form of the function this is, where eras have several.
  return Object.defineProperty(traced, 'name', { value: body.name });
}

function labels(parameters: readonly unknown[]): string {
  return parameters.map(labelOf).join(', ');
}
