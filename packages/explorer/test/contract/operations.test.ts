/**
 * ADR 13: what an operation accesses, and which accesses conflict. That a forgotten `yield*` throws is in
 * `ordinary.test.ts`, "mistakes of the programmer".
 */
import { describe, expect, it } from 'vitest';
import {
  AccessKind,
  type AccessList,
  Cell,
  Completion,
  KernelObject,
  ListCell,
  Mutex,
  type Op,
  Refcount,
  RwSemaphore,
  StructureCell,
  World,
} from '../../src/index';
import { kindsCoEnabled, kindsDepend } from '../../src/search/dependency';
import { Execution } from '../../src/search/execution';

type Kind = keyof typeof AccessKind;

/**
 * Two accesses to one location, by hand: `.` commute; `x` the order can be told and both may be next in one state; `o` the
 * order can be told, but only one of them can be next: a lock comes after the unlock, a trylock may come before it and
 * fail.
 */
const TABLE = `
             R W I L U r u T A C O
READ         . x x . . . . . . x .
WRITE        x x x . . . . . x x x
INCREMENT    x x . . . . . . x x x
LOCK         . . . x o x o x . . .
UNLOCK       . . . o . o . x . . .
READ_LOCK    . . . x o . . x . . .
READ_UNLOCK  . . . o . . . x . . .
TRY_LOCK     . . . x x x x x . . .
AWAIT        . x x . . . . . . x .
CONSUME      x x x . . . . . x x x
READ_ONCE    . x x . . . . . . x .
`;

const CONFLICTS = TABLE.trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(/ {2,}/) as [kind: Kind, row: string]);

describe('kinds of access', () => {
  it('are those of the table', () => {
    expect(Object.keys(AccessKind)).toEqual(CONFLICTS.map(([kind]) => kind));
    expect(Object.values(AccessKind)).toEqual(CONFLICTS.map((_, number) => number));
  });

  it('conflict as the table says, in either order', () => {
    const letter = (a: Kind, b: Kind) => {
      const [one, other] = [AccessKind[a], AccessKind[b]];
      if (!kindsDepend(one, other)) return kindsCoEnabled(one, other) ? 'co-enabled alone' : '.';
      return kindsCoEnabled(one, other) ? 'x' : 'o';
    };
    const kinds = CONFLICTS.map(([kind]) => kind);
    const found = kinds.map((a) => [a, kinds.map((b) => letter(a, b)).join(' ')]);
    expect(found).toEqual(CONFLICTS);
  });
});

class Thing extends KernelObject {
  readonly lock = new Mutex(this, 'lock');
  readonly semaphore = new RwSemaphore(this, 'rwsem');
  readonly bare = new Cell(this, 'bare', 0);
  /** Not the object's own: taking it does not read the object's life. */
  readonly outer = new Mutex(this.world, 'outer');
  readonly guarded = new Cell(this, 'guarded', 0, this.outer);
  readonly list = new ListCell<number>(this, 'list');
  readonly map = new StructureCell(this, 'map', new Map<number, number>());
  readonly refs = new Refcount(this, 'refs', 2);
  readonly done = new Completion(this, 'done');
}

/** The accesses of each step of `body`, as `LIFE READ` for the object's life and the kind alone for anything else. */
function stepsOf(body: (thing: Thing) => Op<unknown>): string[][] {
  const world = new World();
  const thing = new Thing(world, 'thing', 'x');
  const threads = [{ name: 't', body: () => body(thing) }];
  const execution = new Execution({ id: 'one', world, threads });
  execution.start();
  const steps: string[][] = [];
  while (execution.enabled() !== 0) {
    execution.step(0);
    steps.push(named(execution.fibers[0]?.performed as AccessList, thing));
  }
  execution.finish();
  return steps;
}

function named(accesses: AccessList, thing: Thing): string[] {
  const kinds = Object.keys(AccessKind);
  const found = Array.from({ length: accesses.length }, (_, index) => {
    const life = accesses.location(index) === thing.lifeLocation ? 'LIFE ' : '';
    return `${life}${kinds[accesses.kind(index)]}`;
  });
  return [...new Set(found)].sort();
}

describe('an operation', () => {
  const cases: [string, (thing: Thing) => Op<unknown>, string][] = [
    ['load', (t) => one(() => t.bare.load()), 'READ'],
    ['store', (t) => one(() => t.bare.store(1)), 'WRITE'],
    ['waitUntil', (t) => one(() => t.bare.waitUntil((value) => value === 0)), 'AWAIT'],
    ['list load', (t) => one(() => t.list.load()), 'READ'],
    ['structure read', (t) => one(() => t.map.read((map) => map.size)), 'READ'],
    ['structure change', (t) => one(() => t.map.change({ apply() {}, undo() {} })), 'WRITE'],
    ['lock', (t) => one(() => t.lock.lock()), 'LOCK'],
    ['trylock', (t) => one(() => t.lock.trylock()), 'TRY_LOCK'],
    ['down_read', (t) => one(() => t.semaphore.downRead()), 'READ_LOCK'],
    ['down_write', (t) => one(() => t.semaphore.downWrite()), 'LOCK'],
    ['get', (t) => one(() => t.refs.get()), 'INCREMENT'],
    ['put', (t) => one(() => t.refs.put()), 'WRITE'],
    ['complete', (t) => one(() => t.done.complete()), 'WRITE'],
  ];
  it.each(cases)('%s accesses what it works on, and reads the life of its object', (_, body, kind) => {
    expect(stepsOf(body)).toEqual([['LIFE READ', kind].sort()]);
  });

  it('free writes the life', () => {
    expect(stepsOf((thing) => one(() => thing.free()))).toEqual([['LIFE WRITE']]);
  });

  it('with the guarding lock held is part of the step that took the lock', () => {
    const steps = stepsOf(function* locked(thing) {
      yield* thing.outer.lock();
      yield* thing.guarded.store((yield* thing.guarded.load()) + 1);
      yield* thing.outer.unlock();
    });
    expect(steps).toHaveLength(2);
    expect(steps[0]).toEqual(expect.arrayContaining(['LOCK', 'LIFE READ']));
    expect(steps[1]).toEqual(['UNLOCK']);
    const unlocked = stepsOf(function* unlocked(thing) {
      yield* thing.guarded.store((yield* thing.guarded.load()) + 1);
    });
    expect(unlocked).toEqual([
      ['LIFE READ', 'READ'],
      ['LIFE READ', 'WRITE'],
    ]);
  });

  it('is not performed before its step, and is performed once', () => {
    const world = new World();
    const cell = new Cell(world, 'cell', 0);
    const body = function* body(): Op<void> {
      yield* cell.store(cell.value + 1);
    };
    const execution = new Execution({ id: 'one', world, threads: [{ name: 't', body }] });
    execution.start();
    expect([cell.value, execution.fibers[0]?.pending.accesses.kind(0)]).toEqual([0, AccessKind.WRITE]);
    execution.step(0);
    expect([cell.value, execution.enabled()]).toEqual([1, 0]);
    execution.finish();
    expect(cell.value).toBe(0);
  });
});

function* one<T>(build: () => { [Symbol.iterator](): Iterator<undefined, T, undefined> }): Op<T> {
  return yield* build();
}
