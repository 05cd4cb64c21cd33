/** Ordinary calls: `call`, `spawn` and `blocked` (ADR 16), mistakes of the programmer (ADR 13), lives. */
import { describe, expect, it } from 'vitest';
import {
  Cell,
  Completion,
  KernelBug,
  KernelObject,
  Mutex,
  type Op,
  Refcount,
  UsageError,
  World,
} from '../src/index';

class Account extends KernelObject {
  readonly lock = new Mutex(this, 'lock');
  readonly balance = new Cell(this, 'balance', 0, this.lock);
  readonly refs = new Refcount(this, 'refs', 1);
  constructor(world: World) {
    super(world, 'account');
  }
}

function* deposit(account: Account, amount: number): Op<number> {
  yield* account.lock.lock();
  const balance = yield* account.balance.load();
  yield* account.balance.store(balance + amount);
  yield* account.lock.unlock();
  return balance + amount;
}

describe('ordinary calls', () => {
  it('run to their end and return', () => {
    const world = new World();
    const account = new Account(world);
    expect(world.call('deposit', () => deposit(account, 5))).toEqual({ status: 'returned', value: 5 });
    expect(world.call('deposit', () => deposit(account, 2))).toEqual({ status: 'returned', value: 7 });
    expect(world.violations).toEqual([]);
    expect([...world.unguarded]).toEqual([]);
  });

  it('counts lock and unlock as steps and guarded accesses as none', () => {
    const world = new World();
    const account = new Account(world);
    world.call('deposit', () => deposit(account, 5));
    expect(world.steps).toBe(2);
  });

  it('notes an access without the lock as unguarded and as a step', () => {
    const world = new World();
    const account = new Account(world);
    world.call('peek', function* peek() {
      return yield* account.balance.load();
    });
    expect(world.steps).toBe(1);
    expect([...world.unguarded]).toEqual(['account#1.balance in peek']);
  });

  it('answers blocked, and completes when a later call lets it', () => {
    const world = new World();
    const gate = new Completion(world, 'gate');
    const log: string[] = [];
    const waiting = world.call('wait', function* wait() {
      yield* gate.wait();
      log.push('through');
    });
    expect(waiting.status).toBe('blocked');
    expect(log).toEqual([]);
    world.call('open', function* open() {
      yield* gate.complete();
      log.push('opened');
    });
    expect(log).toEqual(['opened', 'through']);
    expect(world.parked).toEqual([]);
  });

  it('lets parked fibers go on in the order of parking', () => {
    const world = new World();
    const lock = new Mutex(world, 'lock');
    const order: string[] = [];
    const release = new Completion(world, 'release');
    world.spawn('holder', function* holder() {
      yield* lock.lock();
      yield* release.wait();
      yield* lock.unlock();
    });
    for (const name of ['first', 'second', 'third']) {
      world.spawn(name, function* next() {
        yield* lock.lock();
        order.push(name);
        yield* lock.unlock();
      });
    }
    world.call('release', function* go() {
      yield* release.complete();
    });
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('wakes a wait with a time limit by virtual time only', () => {
    const world = new World();
    const never = new Completion(world, 'never');
    const fiber = world.spawn('sleeper', function* sleeper() {
      return yield* never.waitTimeout(10_000);
    });
    world.advanceTime(9_999);
    expect(fiber.state).toBe('waiting');
    world.advanceTime(1);
    expect(fiber.state).toBe('returned');
    expect(fiber.result).toBe(false);
  });

  it('records an exception in kernel code as an oops with the function, and goes on', () => {
    const world = new World();
    const result = world.call('bad', function* bad() {
      throw new KernelBug('group still owned');
    });
    expect(result.status).toBe('oops');
    expect(world.violations.map((v) => v.kind)).toEqual(['oops']);
    expect(
      world.call('good', function* good() {
        return 1;
      }),
    ).toEqual({ status: 'returned', value: 1 });
  });
});

describe('mistakes of the programmer', () => {
  it('a forgotten yield* throws at the next operation', () => {
    const world = new World();
    const account = new Account(world);
    expect(() =>
      world.call('forgot', function* forgot() {
        account.lock.lock();
        yield* account.lock.unlock();
      }),
    ).toThrow(UsageError);
  });

  it('a forgotten yield* throws at the end of the fiber', () => {
    const world = new World();
    const account = new Account(world);
    expect(() =>
      world.call('forgot', function* forgot() {
        account.lock.lock();
      }),
    ).toThrow(/yield\* is missing/);
  });

  it('an operation outside of any fiber throws', () => {
    const account = new Account(new World());
    expect(() => account.lock.lock()).toThrow(UsageError);
  });

  it('a call from inside a fiber throws', () => {
    const world = new World();
    expect(() =>
      world.call('outer', function* outer() {
        world.call('inner', function* inner() {});
      }),
    ).toThrow(UsageError);
  });
});

describe('lives', () => {
  it('an access to a freed object is use-after-free, and the stale value comes back', () => {
    const world = new World();
    const account = new Account(world);
    const result = world.call('late', function* late() {
      yield* account.free();
      return yield* account.balance.load();
    });
    expect(result).toEqual({ status: 'returned', value: 0 });
    expect(world.violations.map((v) => v.kind)).toEqual(['use-after-free']);
    expect(world.violations[0]?.message).toContain('account#1');
  });

  it('a second free is a double free', () => {
    const world = new World();
    const account = new Account(world);
    world.call('twice', function* twice() {
      yield* account.free();
      yield* account.free();
    });
    expect(world.violations.map((v) => v.kind)).toEqual(['double-free']);
  });

  it('references below zero and from zero are refcount violations; the last put says so', () => {
    const world = new World();
    const account = new Account(world);
    const answers: unknown[] = [];
    world.call('refs', function* refs() {
      yield* account.refs.get();
      answers.push(yield* account.refs.put());
      answers.push(yield* account.refs.put());
      answers.push(yield* account.refs.getUnlessZero());
      answers.push(yield* account.refs.put());
      yield* account.refs.get();
    });
    expect(answers).toEqual([false, true, false, false]);
    expect(world.violations.map((v) => v.kind)).toEqual(['refcount', 'refcount']);
  });

  it('an unlock by a stranger is a bad unlock', () => {
    const world = new World();
    const account = new Account(world);
    world.call('stranger', function* stranger() {
      yield* account.lock.unlock();
    });
    expect(world.violations.map((v) => v.kind)).toEqual(['bad-unlock']);
  });

  it('counts living objects by kind', () => {
    const world = new World();
    const account = new Account(world);
    new Account(world);
    world.call('free', function* free() {
      yield* account.free();
    });
    expect(world.liveObjects().get('account')).toBe(1);
  });
});
