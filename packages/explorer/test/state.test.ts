/** Checkpoints (ADR 15), rwsem, schedules, events. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Cell,
  Completion,
  direct,
  KernelObject,
  kernelFunction,
  ListCell,
  Mutex,
  type Op,
  Refcount,
  RwSemaphore,
  randomScheduler,
  runSchedule,
  SeededRandom,
  StructureCell,
  type TraceEvent,
  World,
} from '../src/index';

describe('checkpoint and restore', () => {
  it('takes back every kind of state', () => {
    const world = new World();
    const lock = new Mutex(world, 'lock');
    const semaphore = new RwSemaphore(world, 'rwsem');
    const object = new KernelObject(world, 'thing');
    const cell = new Cell(object, 'value', 1, lock);
    const list = new ListCell<string>(object, 'list', lock);
    const refs = new Refcount(object, 'refs', 1);
    const done = new Completion(object, 'done');
    const map = new StructureCell(object, 'map', new Map<number, string>());
    const mark = world.checkpoint();
    world.call('change', function* change() {
      yield* lock.lock();
      yield* semaphore.downRead();
      yield* cell.store(2);
      yield* list.addTail('a');
      yield* list.addHead('b');
      yield* refs.get();
      yield* done.completeAll();
      yield* map.change({ apply: (m) => m.set(1, 'one'), undo: (m) => m.delete(1) });
      yield* object.free();
    });
    expect(list.value).toEqual(['b', 'a']);
    expect(object.freed).toBe(true);
    new KernelObject(world, 'thing');
    world.restore(mark);
    expect([cell.value, list.value, refs.value, done.available, map.structure.size, object.freed]).toEqual([
      1,
      [],
      1,
      0,
      0,
      false,
    ]);
    expect([lock.holder, semaphore.readers, world.liveObjects().get('thing'), world.steps]).toEqual([
      null,
      [],
      1,
      0,
    ]);
  });

  it('refuses a checkpoint while a fiber lives', () => {
    const world = new World();
    const gate = new Completion(world, 'gate');
    world.spawn('waiter', function* waiter() {
      yield* gate.wait();
    });
    expect(() => world.checkpoint()).toThrow(/waiter is live/);
  });

  it('restores random sequences of changes exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.integer())), fc.nat(10), (changes, keep) => {
        const world = new World();
        const cells = [0, 1, 2, 3].map((n) => new Cell(world, `c${n}`, 0));
        const run = ([index, value]: [number, number]) =>
          world.call('store', function* store() {
            yield* (cells[index] as Cell<number>).store(value);
          });
        changes.slice(0, keep).forEach(run);
        const expected = cells.map((c) => c.value);
        const mark = world.checkpoint();
        changes.slice(keep).forEach(run);
        world.restore(mark);
        expect(cells.map((c) => c.value)).toEqual(expected);
      }),
    );
  });
});

describe('rwsem', () => {
  it('lets readers in together and a writer alone; guards reads for readers and writes for the writer', () => {
    const world = new World();
    const semaphore = new RwSemaphore(world, 'rwsem');
    const cell = new Cell(world, 'cell', 0, semaphore);
    const gate = new Completion(world, 'gate');
    const reader = function* reader() {
      yield* semaphore.downRead();
      yield* cell.load();
      yield* gate.wait();
      yield* semaphore.upRead();
    };
    world.spawn('r1', reader);
    world.spawn('r2', reader);
    expect(semaphore.readers.length).toBe(2);
    const writer = world.spawn('w', function* writer() {
      yield* semaphore.downWrite();
      yield* cell.store(1);
      yield* semaphore.upWrite();
    });
    expect(writer.state).toBe('waiting');
    world.call('open', function* open() {
      yield* gate.completeAll();
    });
    expect(writer.state).toBe('returned');
    expect([...world.unguarded]).toEqual([]);
    expect(world.violations).toEqual([]);
  });
});

describe('schedules', () => {
  function counterWorld(locked: boolean) {
    const world = new World();
    const lock = new Mutex(world, 'lock');
    const counter = new Cell(world, 'counter', 0, locked ? lock : null);
    const body = function* increment(): Op<void> {
      if (locked) yield* lock.lock();
      const value = yield* counter.load();
      yield* counter.store(value + 1);
      if (locked) yield* lock.unlock();
    };
    return { world, counter, threads: ['a', 'b'].map((name) => ({ name, body })) };
  }

  it('the same seed gives the same execution; some seed loses an update without a lock, none with it', () => {
    const outcome = (seed: number, locked: boolean) => {
      const { world, counter, threads } = counterWorld(locked);
      runSchedule(world, threads, randomScheduler(seed));
      return counter.value;
    };
    const seeds = Array.from({ length: 64 }, (_, seed) => seed);
    const unlocked = seeds.map((seed) => outcome(seed, false));
    expect(seeds.map((seed) => outcome(seed, false))).toEqual(unlocked);
    expect(new Set(unlocked)).toEqual(new Set([1, 2]));
    expect(new Set(seeds.map((seed) => outcome(seed, true)))).toEqual(new Set([2]));
  });

  it('tells which fibers are stuck', () => {
    const world = new World();
    const one = new Mutex(world, 'one');
    const two = new Mutex(world, 'two');
    const both = (first: Mutex, second: Mutex) =>
      function* both(): Op<void> {
        yield* first.lock();
        yield* second.lock();
        yield* second.unlock();
        yield* first.unlock();
      };
    // Alternating: each takes its first lock, then waits for the other's.
    let turn = 0;
    const result = runSchedule(
      world,
      [
        { name: 'a', body: both(one, two) },
        { name: 'b', body: both(two, one) },
      ],
      (enabled) => enabled[turn++ % enabled.length] as (typeof enabled)[number],
    );
    expect(result.stuck.map((fiber) => fiber.name)).toEqual(['a', 'b']);
  });

  it('random numbers are the same for a seed and cover their range', () => {
    const a = new SeededRandom(7);
    const b = new SeededRandom(7);
    const numbers = Array.from({ length: 200 }, () => a.below(5));
    expect(Array.from({ length: 200 }, () => b.below(5))).toEqual(numbers);
    expect(new Set(numbers)).toEqual(new Set([0, 1, 2, 3, 4]));
  });
});

describe('events and direct calls', () => {
  it('names functions, operations and the locks held', () => {
    const world = new World();
    world.functionSuffix = '@1.0';
    const object = new KernelObject(world, 'thing', 'x');
    const lock = new Mutex(object, 'mutex');
    const work = kernelFunction('do_work', function* work(_object: KernelObject, count: number): Op<number> {
      yield* lock.lock();
      yield* lock.unlock();
      return count + 1;
    });
    const events: TraceEvent[] = [];
    world.listener = (event) => events.push(event);
    expect(world.call('test', () => work(object, 1))).toEqual({ status: 'returned', value: 2 });
    expect(events.map((e) => [e.kind, e.name, e.target, e.result, e.held.join()])).toEqual([
      ['call', 'do_work@1.0', 'thing:x, 1', '', ''],
      ['operation', 'mutex_lock', 'thing:x.mutex', '', 'mutex'],
      ['operation', 'mutex_unlock', 'thing:x.mutex', '', ''],
      ['return', 'do_work@1.0', '', '2', ''],
    ]);
  });

  it('direct() gives plain functions and throws where the call would wait for ever', () => {
    const world = new World();
    const gate = new Completion(world, 'gate');
    const api = {
      *double(value: number): Op<number> {
        return value * 2;
      },
      *wait(): Op<void> {
        yield* gate.wait();
      },
    };
    const plain = direct(world, api);
    expect(plain.double(21)).toBe(42);
    expect(() => plain.wait()).toThrow(/waits in wait_for_completion gate/);
  });
});
