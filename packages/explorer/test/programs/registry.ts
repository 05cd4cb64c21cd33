/**
 * A pointer to a thing under a lock, a reader that uses what it points to, and a remover that takes the pointer away and
 * frees the thing. Only the form in which nothing reaches from the read to the use is wrong.
 */
import {
  Cell,
  KernelObject,
  kernelFunction,
  Mutex,
  type Op,
  type Program,
  program,
  Refcount,
  type World,
} from '../../src/index';

/** What protects the thing from the read of the pointer to the use. */
export type Protection = 'nothing' | 'lock' | 'reference';

class Thing extends KernelObject {
  readonly value = new Cell(this, 'value', 7);
  readonly references = new Refcount(this, 'references', 1);
}

class Registry {
  readonly lock: Mutex;
  readonly pointer: Cell<Thing | null>;

  constructor(readonly world: World) {
    this.lock = new Mutex(world, 'registry.lock');
    this.pointer = new Cell<Thing | null>(
      world,
      'registry.pointer',
      new Thing(world, 'thing', 'only'),
      this.lock,
    );
  }
}

const useUnprotected = kernelFunction('use_unprotected', function* (registry: Registry): Op<void> {
  yield* registry.lock.lock();
  const thing = yield* registry.pointer.load();
  yield* registry.lock.unlock();
  if (thing !== null) yield* thing.value.load();
});

const useLocked = kernelFunction('use_locked', function* (registry: Registry): Op<void> {
  yield* registry.lock.lock();
  const thing = yield* registry.pointer.load();
  if (thing !== null) yield* thing.value.load();
  yield* registry.lock.unlock();
});

const useReferenced = kernelFunction('use_referenced', function* (registry: Registry): Op<void> {
  yield* registry.lock.lock();
  const thing = yield* registry.pointer.load();
  if (thing !== null) yield* thing.references.get();
  yield* registry.lock.unlock();
  if (thing === null) return;
  yield* thing.value.load();
  if (yield* thing.references.put()) yield* thing.free();
});

const remove = kernelFunction('remove', function* (registry: Registry): Op<void> {
  yield* registry.lock.lock();
  const thing = yield* registry.pointer.load();
  yield* registry.pointer.store(null);
  yield* registry.lock.unlock();
  if (thing !== null && (yield* thing.references.put())) yield* thing.free();
});

const USES = { nothing: useUnprotected, lock: useLocked, reference: useReferenced };

export function registry(protection: Protection): Program {
  return program(`registry, protected by ${protection}`, (world) => {
    const shared = new Registry(world);
    return {
      threads: [
        { name: 'reader', body: () => USES[protection](shared) },
        { name: 'remover', body: () => remove(shared) },
      ],
    };
  });
}
