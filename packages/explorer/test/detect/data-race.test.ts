/** Data races: what nothing orders, and what is none. */
import { describe, expect, it } from 'vitest';
import {
  AtomicInteger,
  Cell,
  Completion,
  explore,
  Mutex,
  type Op,
  PlainCell,
  program,
  RwSemaphore,
  type World,
} from '../../src/index';

interface Shared {
  readonly lock: Mutex;
  readonly other: Mutex;
  readonly semaphore: RwSemaphore;
  readonly guarded: Cell<number>;
  readonly plain: PlainCell<number>;
  readonly flag: AtomicInteger;
  readonly done: Completion;
}

type Body = (shared: Shared) => Op<unknown>;

/** The races of two threads, in words, with the engine that runs every trace and the one that does otherwise. */
function racesOf(...bodies: readonly Body[]): string[] {
  const build = (world: World) => {
    const lock = new Mutex(world, 'lock');
    const shared: Shared = {
      lock,
      other: new Mutex(world, 'other'),
      semaphore: new RwSemaphore(world, 'semaphore'),
      guarded: new Cell(world, 'guarded', 0, lock),
      plain: new PlainCell(world, 'plain', 0),
      flag: new AtomicInteger(world, 'flag'),
      done: new Completion(world, 'done'),
    };
    return { threads: bodies.map((body, number) => ({ name: `t${number}`, body: () => body(shared) })) };
  };
  const engines = ['optimal', 'source', 'bounded'] as const;
  const found = engines.map((engine) => {
    const { findings, verdict } = explore(program('races', build), { engine, maxPreemptions: 20 });
    expect(verdict).toBe('COMPLETE');
    return findings.filter(({ kind }) => kind === 'data-race').map(({ object }) => object as string);
  });
  for (const one of found) expect(one).toEqual(found[0]);
  return found[0] as string[];
}

const under = (lock: 'lock' | 'other', inner: Body): Body =>
  function* (shared) {
    yield* shared[lock].lock();
    yield* inner(shared);
    yield* shared[lock].unlock();
  };

const storePlain: Body = function* ({ plain }) {
  yield* plain.store(1);
};
const loadPlain: Body = function* ({ plain }) {
  yield* plain.load();
};
const storeGuarded: Body = function* ({ guarded }) {
  yield* guarded.store(1);
};
const loadGuarded: Body = function* ({ guarded }) {
  yield* guarded.load();
};
const peekGuarded: Body = function* ({ guarded }) {
  yield* guarded.loadRacy();
};

describe('a guarded cell', () => {
  it('read without its lock races with a write under it', () => {
    expect(racesOf(under('lock', storeGuarded), loadGuarded)).toEqual(['guarded']);
  });

  it('written without its lock races with a read under it', () => {
    expect(racesOf(under('lock', loadGuarded), storeGuarded)).toEqual(['guarded']);
  });

  it('under its lock has no race', () => {
    expect(racesOf(under('lock', storeGuarded), under('lock', loadGuarded))).toEqual([]);
  });

  it('under another lock than its own races', () => {
    expect(racesOf(under('lock', storeGuarded), under('other', loadGuarded))).toEqual(['guarded']);
  });

  it('read twice without its lock has no race', () => {
    expect(racesOf(loadGuarded, loadGuarded)).toEqual([]);
  });

  it('may be read without the lock by a marked access', () => {
    expect(racesOf(under('lock', storeGuarded), peekGuarded)).toEqual([]);
  });
});

describe('a plain cell', () => {
  it('that two write has a race, and one that two read has none', () => {
    expect(racesOf(storePlain, storePlain)).toEqual(['plain']);
    expect(racesOf(loadPlain, loadPlain)).toEqual([]);
  });

  it('under one lock has none, under two locks has one', () => {
    expect(racesOf(under('lock', storePlain), under('lock', loadPlain))).toEqual([]);
    expect(racesOf(under('lock', storePlain), under('other', loadPlain))).toEqual(['plain']);
  });

  it('under one semaphore has one where a reader writes', () => {
    const writer: Body = function* (shared) {
      yield* shared.semaphore.downWrite();
      yield* storePlain(shared);
      yield* shared.semaphore.upWrite();
    };
    const reader = (inner: Body): Body =>
      function* (shared) {
        yield* shared.semaphore.downRead();
        yield* inner(shared);
        yield* shared.semaphore.upRead();
      };
    expect(racesOf(writer, reader(loadPlain))).toEqual([]);
    expect(racesOf(reader(storePlain), reader(loadPlain))).toEqual(['plain']);
  });

  it('may be read with loadRacy', () => {
    const peek: Body = function* ({ plain }) {
      yield* plain.loadRacy();
    };
    expect(racesOf(storePlain, peek)).toEqual([]);
  });

  it('is handed over by a completion, and by a flag that was seen', () => {
    const give: Body = function* (shared) {
      yield* storePlain(shared);
      yield* shared.done.complete();
    };
    const take: Body = function* (shared) {
      yield* shared.done.wait();
      yield* loadPlain(shared);
    };
    expect(racesOf(give, take)).toEqual([]);
    const raise: Body = function* (shared) {
      yield* storePlain(shared);
      yield* shared.flag.store(1);
    };
    const look: Body = function* (shared) {
      if ((yield* shared.flag.load()) === 1) yield* loadPlain(shared);
    };
    expect(racesOf(raise, look)).toEqual([]);
    const careless: Body = function* (shared) {
      yield* shared.flag.load();
      yield* loadPlain(shared);
    };
    expect(racesOf(raise, careless)).toEqual(['plain']);
  });
});
