/** What must not be done under a spinlock, and what may. */
import { describe, expect, it } from 'vitest';
import {
  AtomicInteger,
  Cell,
  Completion,
  Mutex,
  type Op,
  program,
  RwSemaphore,
  Spinlock,
  type Step,
  WaitQueue,
  World,
} from '../src/index';
import { everyOrder } from './every-order';

function setUp() {
  const world = new World();
  const done = new Completion(world, 'done');
  world.call('set up', function* setUp() {
    yield* done.completeAll();
  });
  return {
    world,
    done,
    spin: new Spinlock(world, 'spin'),
    inner: new Spinlock(world, 'inner'),
    mutex: new Mutex(world, 'mutex'),
    rwsem: new RwSemaphore(world, 'rwsem'),
    cell: new Cell(world, 'cell', 1),
    count: new AtomicInteger(world, 'count'),
    queue: new WaitQueue(world, 'queue'),
  };
}
type Things = ReturnType<typeof setUp>;

function* always(): Op<boolean> {
  return true;
}

describe('under a spinlock', () => {
  it.each<[string, string, (things: Things) => Step<unknown>]>([
    ['mutex_lock mutex', 'mutex', ({ mutex }) => mutex.lock()],
    ['mutex_lock_interruptible mutex', 'mutex', ({ mutex }) => mutex.lockInterruptible()],
    ['down_read rwsem', 'rwsem', ({ rwsem }) => rwsem.downRead()],
    ['down_write rwsem', 'rwsem', ({ rwsem }) => rwsem.downWrite()],
    ['wait_for_completion done', 'done', ({ done }) => done.wait()],
    ['wait_for_completion_timeout done', 'done', ({ done }) => done.waitTimeout(1)],
    ['wait_event cell', 'cell', ({ cell }) => cell.waitUntil((value) => value === 1)],
    ['prepare_to_wait queue', 'queue', ({ queue }) => queue.waitUntil(always)],
  ])('%s is found, though it would not have to wait', (operation, object, sleep) => {
    const things = setUp();
    things.world.call('task', function* task() {
      yield* things.spin.lock();
      yield* sleep(things);
      yield* things.spin.unlock();
    });
    expect(things.world.violations.map(({ kind, message, object: of }) => [kind, message, of])).toEqual([
      ['sleep-in-atomic', `task: ${operation} may sleep, and task holds spin`, object],
    ]);
  });

  it('what never waits, and other spinlocks, are fine', () => {
    const { world, spin, inner, mutex, rwsem, cell, count, queue, done } = setUp();
    world.call('task', function* task() {
      yield* mutex.lock();
      yield* spin.lock();
      if (yield* inner.trylock()) yield* inner.unlock();
      yield* inner.lock();
      yield* inner.unlock();
      yield* cell.store(2);
      yield* count.add(1);
      yield* queue.wakeUp();
      yield* done.complete();
      if (yield* rwsem.tryDownRead()) yield* rwsem.upRead();
      yield* mutex.unlock();
      yield* spin.unlock();
    });
    expect(world.violations).toEqual([]);
  });

  it('a trylock that failed makes nobody atomic', () => {
    const { world, spin, mutex } = setUp();
    world.call('owner', function* own() {
      yield* spin.lock();
    });
    world.call('task', function* task() {
      expect(yield* spin.trylock()).toBe(false);
      yield* mutex.lock();
    });
    expect(world.violations).toEqual([]);
  });

  it('a fiber is atomic until the last of its spinlocks is gone, whatever the order', () => {
    const { world, spin, inner, mutex } = setUp();
    world.call('task', function* task() {
      yield* spin.lock();
      yield* inner.lock();
      yield* spin.unlock();
      yield* mutex.lock();
      yield* inner.unlock();
      yield* mutex.unlock();
      yield* mutex.lock();
    });
    expect(world.violations.map(({ message }) => message)).toEqual([
      'task: mutex_lock mutex may sleep, and task holds inner',
    ]);
  });

  it("an unlock of somebody else's leaves the stranger as it was", () => {
    const { world, spin, inner, mutex } = setUp();
    world.call('owner', function* own() {
      yield* spin.lock();
    });
    world.call('stranger', function* stranger() {
      yield* spin.unlock();
      yield* inner.lock();
      yield* mutex.lock();
    });
    expect(world.violations.map(({ kind }) => kind)).toEqual(['bad-unlock', 'sleep-in-atomic']);
  });

  it('an execution that ends under one leaves the next one alone', () => {
    const given = program('ends atomic', (world) => {
      const spin = new Spinlock(world, 'spin');
      const mutex = new Mutex(world, 'mutex');
      const body = function* body(): Op<void> {
        yield* mutex.lock();
        yield* mutex.unlock();
        yield* spin.lock();
      };
      return { threads: ['a', 'b'].map((name) => ({ name, body })) };
    });
    everyOrder(given, ({ stuck }) => {
      expect(given.world.violations).toEqual([]);
      expect(stuck.length).toBe(1);
    });
  });

  it('a spinlock excludes: no update is lost in any order', () => {
    const given = program('counter', (world) => {
      const spin = new Spinlock(world, 'spin');
      const counter = new Cell(world, 'counter', 0, spin);
      const body = function* increment(): Op<void> {
        yield* spin.lock();
        yield* counter.store((yield* counter.load()) + 1);
        yield* spin.unlock();
      };
      const threads = ['a', 'b', 'c'].map((name) => ({ name, body }));
      return {
        threads,
        atEnd: () => {
          if (counter.value !== 3) world.report('invariant', `counter is ${counter.value}`, null);
        },
      };
    });
    const endings = everyOrder(given, () => expect(given.world.violations).toEqual([]));
    // Guarded accesses are no scheduling points: the critical sections come in 3! orders and nothing else differs.
    expect(endings).toBe(6);
  });
});
