/** The digest of a world's state: equal for equal states, whatever the way there. */
import { describe, expect, it } from 'vitest';
import {
  AppendOnlyLog,
  Cell,
  Completion,
  canonicalHash,
  KernelObject,
  ListCell,
  Mutex,
  type Op,
  Refcount,
  RwSemaphore,
  StateDigest,
  StructureCell,
  UsageError,
  World,
} from '../src/index';

function build() {
  const world = new World();
  const object = new KernelObject(world, 'thing');
  const parts = {
    world,
    object,
    a: new Cell<unknown>(world, 'a', 0),
    b: new Cell<unknown>(world, 'b', 0),
    list: new ListCell<KernelObject>(world, 'list'),
    map: new StructureCell(world, 'map', new Map<string, number>()),
    refs: new Refcount(object, 'refs', 1),
    done: new Completion(object, 'done'),
    mutex: new Mutex(world, 'mutex'),
    semaphore: new RwSemaphore(world, 'semaphore'),
    log: new AppendOnlyLog<string>(world, 'log'),
  };
  const mark = world.checkpoint();
  world.changes = new StateDigest();
  const run = (body: () => Op<unknown>) => world.call('change', body);
  return { ...parts, mark, run };
}

type Built = ReturnType<typeof build>;

const CHANGES: Record<string, (t: Built) => Op<unknown>> = {
  *cell({ a }) {
    yield* a.store(1);
  },
  *list({ list, object }) {
    yield* list.addTail(object);
  },
  *structure({ map }) {
    yield* map.change({ apply: (m) => m.set('x', 1), undo: (m) => m.delete('x') });
  },
  *reference({ refs }) {
    yield* refs.get();
  },
  *completion({ done }) {
    yield* done.complete();
  },
  *mutex({ mutex }) {
    yield* mutex.lock();
  },
  *semaphore({ semaphore }) {
    yield* semaphore.downRead();
  },
  *life({ object }) {
    yield* object.free();
  },
  *log({ log }) {
    log.append('x');
  },
};

describe('the digest', () => {
  it.each(Object.keys(CHANGES))('sees a change of a %s, and that it was taken back', (name) => {
    const built = build();
    const before = built.world.digest();
    built.run(() => (CHANGES[name] as (t: Built) => Op<unknown>)(built));
    const after = built.world.digest();
    expect(after).not.toBe(before);
    expect(built.world.digest()).toBe(after);
    built.world.restore(built.mark);
    expect(built.world.digest()).toBe(before);
  });

  it('does not depend on the order of changes, nor on changes that were undone by hand', () => {
    const [one, two] = [build(), build()];
    one.run(function* change() {
      yield* one.a.store(1);
      yield* one.b.store('x');
    });
    two.run(function* change() {
      yield* two.b.store('y');
      yield* two.a.store(1);
      yield* two.b.store('x');
      yield* two.refs.get();
      yield* two.refs.put();
    });
    expect(two.world.digest()).toBe(one.world.digest());
    two.run(function* change() {
      yield* two.a.store('x');
    });
    expect(two.world.digest()).not.toBe(one.world.digest());
  });

  it('says what has changed', () => {
    const { world, run, a, b } = build();
    run(function* change() {
      yield* a.store(1);
      yield* b.store(1);
      yield* b.store(0);
    });
    expect([...(world.changes as StateDigest).changed().keys()]).toEqual([a]);
  });

  it('tells values apart that differ, and takes objects of the model by identity', () => {
    const world = new World();
    const [x, y] = [new KernelObject(world, 'thing'), new KernelObject(world, 'thing')];
    const values = [
      0,
      1,
      -1,
      2 ** 40,
      0.5,
      '0',
      '',
      0n,
      1n,
      true,
      false,
      null,
      undefined,
      [],
      [0],
      {},
      { a: 1 },
      x,
      y,
    ];
    expect(new Set(values.map(canonicalHash)).size).toBe(values.length);
    expect(canonicalHash({ a: 1, b: [x] })).toBe(canonicalHash({ b: [x], a: 1 }));
    const [ab, ba] = [
      ['a', 'b'],
      ['b', 'a'],
    ].map((keys) => new Map(keys.map((key) => [key, key])));
    expect(canonicalHash(ab)).toBe(canonicalHash(ba));
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => canonicalHash(circle)).toThrow(UsageError);
  });

  it('refuses state that does not say what it holds', () => {
    const { world } = build();
    const mute = { label: 'mute', rollback: () => {} };
    expect(() => world.log(mute, null)).toThrow(/does not say its canonical value/);
  });
});
