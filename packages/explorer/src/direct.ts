/** Plain synchronous twins of generator entry points, for users who want answers and no interleavings. */
import type { Op } from './operation';
import type { World } from './world';

type EntryPoint = (...parameters: never[]) => Op<unknown>;

/** The synchronous form of one entry point. */
export type DirectFunction<F> = F extends (...parameters: infer A) => Op<infer T>
  ? (...parameters: A) => T
  : never;

/** The synchronous forms of all entry points of an API. */
export type Direct<Api> = { readonly [K in keyof Api]: DirectFunction<Api[K]> };

/** A direct call that could not return: it waits for something that nobody else will do. */
export class BlockedError extends Error {
  override readonly name = 'BlockedError';
}

/**
 * Makes every generator function of `api` callable as a plain function in `world`.
 * The functions throw BlockedError where the call would wait for ever, and Error where kernel code fails (oops).
 */
export function direct<Api extends Readonly<Record<string, EntryPoint>>>(
  world: World,
  api: Api,
): Direct<Api> {
  const twins: Record<string, (...parameters: never[]) => unknown> = {};
  for (const [name, entryPoint] of Object.entries(api)) {
    twins[name] = (...parameters) => {
      const result = world.call(name, () => entryPoint(...parameters));
      if (result.status === 'returned') return result.value;
      if (result.status === 'oops') throw new Error(`${name}: ${result.fiber.oops?.message}`);
      const pending = result.fiber.pending;
      throw new BlockedError(`${name} waits in ${pending.kind?.name} ${pending.target?.label}`);
    };
  }
  return twins as Direct<Api>;
}
