/** Lock-order inversions from evidence of several executions, and locks that one fiber takes twice. */
import { describe, expect, it } from 'vitest';
import {
  explore,
  KernelObject,
  kernelFunction,
  type Lockable,
  Mutex,
  type Op,
  program,
  RwSemaphore,
  Spinlock,
  World,
} from '../src/index';
import { everyOrder } from './every-order';

interface Takeable extends Lockable {
  lock(): Iterable<undefined, unknown>;
  unlock(): Iterable<undefined, unknown>;
}

/** Takes the locks in order and gives them back. */
function* nested(locks: readonly Takeable[]): Op<void> {
  for (const lock of locks) yield* lock.lock();
  for (const lock of [...locks].reverse()) yield* lock.unlock();
}

const inversions = (world: World) => world.lockOrder.inversions.map(({ message }) => message);

function three() {
  const world = new World();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => new Mutex(world, name)) as [Mutex, Mutex, Mutex];
  return { world, a, b, c };
}

describe('lock order', () => {
  it('reports two orders once, at the second, with both places', () => {
    const { world, a, b } = three();
    const one = kernelFunction('take_one', (_: World) => nested([a, b]));
    const other = kernelFunction('take_other', (_: World) => nested([b, a]));
    world.call('first', () => one(world));
    expect(world.violations).toEqual([]);
    world.call('second', () => other(world));
    world.call('third', () => other(world));
    world.call('fourth', () => one(world));
    expect(inversions(world)).toEqual([
      'second takes a in take_other holding b (step 5); first takes b in take_one holding a (step 1)',
    ]);
    expect(world.violations[0]).toMatchObject({ object: 'a', at: 'take_other', fiber: 'second', step: 5 });
    expect(world.violations[0]).not.toHaveProperty('kernelSilent');
    expect(world.lockOrder.inversions).toEqual(world.violations);
  });

  it('finds a cycle of three, whole', () => {
    const { world, a, b, c } = three();
    for (const [name, locks] of Object.entries({ ab: [a, b], bc: [b, c], ca: [c, a] })) {
      world.call(name, () => nested(locks));
    }
    expect(inversions(world)).toEqual([
      'ca takes a in ca holding c (step 9); ab takes b in ab holding a (step 1); bc takes c in bc holding b (step 5)',
    ]);
  });

  it('has no objection to one order, however deep', () => {
    const { world, a, b, c } = three();
    for (const locks of [
      [a, b, c],
      [a, c],
      [b, c],
      [a, b],
    ])
      world.call('task', () => nested(locks));
    expect(world.violations).toEqual([]);
  });

  it('does not count a trylock, but counts what is taken under one', () => {
    const { world, a, b } = three();
    function* trying(): Op<void> {
      yield* b.lock();
      if (yield* a.trylock()) yield* a.unlock();
      yield* b.unlock();
    }
    world.call('ab', () => nested([a, b]));
    world.call('b, a by trying', trying);
    expect(world.violations).toEqual([]);
    world.call('under a trylock', function* under() {
      if (yield* b.trylock()) yield* nested([a]);
    });
    expect(inversions(world)).toHaveLength(1);
  });

  it('counts an interruptible lock', () => {
    const { world, a, b } = three();
    world.call('ab', () => nested([a, b]));
    world.call('ba', function* ba() {
      yield* b.lock();
      yield* a.lockInterruptible();
    });
    expect(inversions(world)).toHaveLength(1);
  });

  it('puts spinlocks and semaphores into the same order', () => {
    const world = new World();
    const spin = new Spinlock(world, 'spin');
    const semaphore = new RwSemaphore(world, 'rwsem');
    const read: Takeable = Object.assign(Object.create(semaphore), {
      lock: () => semaphore.downRead(),
      unlock: () => semaphore.upRead(),
    });
    world.call('under', () => nested([read, spin]));
    world.call('over', () => nested([spin, read]));
    expect(inversions(world)).toEqual([
      'over takes rwsem in over holding spin (step 5); under takes spin in under holding rwsem (step 1)',
    ]);
  });

  it('adds up over executions, none of which shows it alone, and survives their end', () => {
    const given = program('two phases', (world) => {
      const [a, b] = [new Mutex(world, 'a'), new Mutex(world, 'b')];
      const gate = new Mutex(world, 'gate');
      let taken = false;
      // Whoever comes first takes one order, the other does nothing: an execution has one of the orders only.
      const body = (locks: readonly Mutex[]) =>
        function* body(): Op<void> {
          yield* gate.lock();
          const first = !taken;
          taken = true;
          yield* gate.unlock();
          if (first) yield* nested(locks);
        };
      return {
        threads: [
          { name: 'ab', body: body([a, b]) },
          { name: 'ba', body: body([b, a]) },
        ],
        atEnd: () => {
          taken = false;
        },
      };
    });
    const perExecution: number[] = [];
    everyOrder(given, () => perExecution.push(given.world.violations.length));
    expect(perExecution.length).toBeGreaterThan(1);
    expect(perExecution.every((count) => count === 0)).toBe(true);
    expect(given.world.violations).toEqual([]);
    expect(given.world.lockOrder.inversions).toHaveLength(1);
  });

  it('is found in the execution that deadlocks, though the second lock of each is never had', () => {
    const { world, a, b } = three();
    const gate = new Mutex(world, 'gate');
    world.call('gatekeeper', function* keep() {
      yield* gate.lock();
    });
    world.spawn('ab', function* ab() {
      yield* a.lock();
      yield* gate.lock();
      yield* gate.unlock();
      yield* b.lock();
    });
    world.spawn('ba', function* ba() {
      yield* b.lock();
      yield* a.lock();
    });
    expect(world.violations).toEqual([]);
    world.call('gatekeeper', function* open() {
      yield* gate.unlock();
    });
    expect(inversions(world)).toHaveLength(1);
  });
});

describe('locks of one class', () => {
  class Node extends KernelObject {
    readonly lock = new Mutex(this, 'lock', 'node.lock');
  }
  const tree = () => {
    const world = new World();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new Node(world, 'node', name).lock) as [
      Mutex,
      Mutex,
      Mutex,
    ];
    return { world, a, b, c };
  };

  it('may nest as long as no two do it both ways', () => {
    const { world, a, b, c } = tree();
    for (const locks of [
      [a, b],
      [b, c],
      [a, c],
      [a, b, c],
    ])
      world.call('down', () => nested(locks));
    expect(world.violations).toEqual([]);
    world.call('up', () => nested([b, a]));
    expect(inversions(world)).toEqual([
      'up takes node:a.lock in up holding node:b.lock (step 19); down takes node:b.lock in down holding node:a.lock (step 1)',
    ]);
  });

  it('are found in a ring of instances', () => {
    const { world, a, b, c } = tree();
    for (const locks of [
      [a, b],
      [b, c],
    ])
      world.call('down', () => nested(locks));
    world.call('round', () => nested([c, a]));
    expect(inversions(world)).toHaveLength(1);
  });

  it('count as one against locks of another class', () => {
    const { world, a, b } = tree();
    const other = new Mutex(world, 'other');
    world.call('one', () => nested([a, other]));
    world.call('two', () => nested([other, b]));
    expect(inversions(world)).toHaveLength(1);
  });
});

describe('a lock excluded from validation', () => {
  it('is analysed all the same, and the report says that the kernel would be silent', () => {
    const { world, a, b, c } = three();
    a.setNovalidateClass();
    world.call('ab', () => nested([a, b]));
    world.call('ba', () => nested([b, a]));
    expect(world.violations.map(({ kind, kernelSilent }) => [kind, kernelSilent])).toEqual([
      ['lock-inversion', true],
    ]);
    // A cycle that goes round the excluded lock is one that the kernel would tell.
    world.call('bc', () => nested([b, c]));
    world.call('cb', () => nested([c, b]));
    expect(world.violations.map(({ kernelSilent }) => kernelSilent)).toEqual([true, undefined]);
  });

  it('does not hide that the same edge closes a cycle which the kernel would tell', () => {
    const { world, a, b, c } = three();
    const d = new Mutex(world, 'd');
    a.setNovalidateClass();
    // From c to d there is a short way past the excluded lock and a long one without it.
    world.call('short 1', () => nested([c, a]));
    world.call('short 2', () => nested([a, d]));
    world.call('long 1', () => nested([c, b]));
    world.call('long 2', () => nested([b, d]));
    world.call('back', () => nested([d, c]));
    expect(world.violations.map(({ kernelSilent }) => kernelSilent)).toEqual([undefined]);
    expect(inversions(world)[0]).not.toContain(' a ');
  });
});

describe('a lock that a fiber takes twice', () => {
  it.each([
    ['mutex', (world: World) => new Mutex(world, 'lock')],
    ['spinlock', (world: World) => new Spinlock(world, 'lock')],
  ] as const)('%s: waits for itself', (_name, make) => {
    const world = new World();
    const lock = make(world);
    const result = world.call('task', () => nested([lock, lock]));
    expect(result.status).toBe('blocked');
    expect(world.violations.map(({ kind, message, object }) => [kind, message, object])).toEqual([
      ['deadlock', 'self-deadlock: task waits in task for lock, which it holds', 'lock'],
    ]);
  });

  it('semaphore: waits for itself unless both times are for reading', () => {
    const take = (first: 'downRead' | 'downWrite', second: 'downRead' | 'downWrite') => {
      const world = new World();
      const semaphore = new RwSemaphore(world, 'rwsem');
      const result = world.call('task', function* task() {
        yield* semaphore[first]();
        yield* semaphore[second]();
      });
      return [result.status, ...world.violations.map(({ kind }) => kind)];
    };
    expect(take('downRead', 'downRead')).toEqual(['returned']);
    expect(take('downRead', 'downWrite')).toEqual(['blocked', 'deadlock']);
    expect(take('downWrite', 'downRead')).toEqual(['blocked', 'deadlock']);
    expect(take('downWrite', 'downWrite')).toEqual(['blocked', 'deadlock']);
  });

  it('is none when it was given back in between, or only tried', () => {
    const { world, a, b } = three();
    world.call('task', function* task() {
      yield* nested([b]);
      yield* nested([a, b]);
      yield* a.lock();
      expect(yield* a.trylock()).toBe(false);
    });
    expect(world.violations).toEqual([]);
  });
});

describe('a deadlock over a lock excluded from validation', () => {
  it.each([true, false])('says that the kernel would be silent: %s', (excluded) => {
    const given = program('excluded', (world) => {
      const [a, b] = [new Mutex(world, 'a'), new Mutex(world, 'b')];
      if (excluded) a.setNovalidateClass();
      return {
        threads: [
          { name: 'T1', body: () => nested([a, b]) },
          { name: 'T2', body: () => nested([b, a]) },
        ],
      };
    });
    const found = explore(given).findings;
    expect(found.map(({ kind, kernelSilent }) => [kind, kernelSilent]).sort()).toEqual([
      ['deadlock', excluded || undefined],
      ['lock-inversion', excluded || undefined],
    ]);
  });
});

describe('a lock that a call leaves locked', () => {
  const task = {};
  const lock = (of: Mutex) =>
    function* lock(): Op<void> {
      yield* of.lock();
    };
  const unlock = (of: Mutex) =>
    function* unlock(): Op<void> {
      yield* of.unlock();
    };
  const trylock = (of: Mutex) =>
    function* trylock(): Op<boolean> {
      return yield* of.trylock();
    };

  it('is still held by the next call of the task, which may unlock it', () => {
    const { world, a } = three();
    world.call('lock', lock(a), task);
    world.call('unlock', unlock(a), task);
    expect([world.violations, world.call('other', trylock(a), {})]).toEqual([
      [],
      { status: 'returned', value: true },
    ]);
  });

  it("is no other task's, nor one's that is nobody", () => {
    for (const others of [{}, null]) {
      const { world, a } = three();
      world.call('lock', lock(a), task);
      world.call('unlock', unlock(a), others);
      expect(world.violations.map(({ kind }) => kind)).toEqual(['bad-unlock']);
    }
  });

  it('is held again in the state that is gone back to, by the task that held it', () => {
    const { world, a } = three();
    world.call('lock', lock(a), task);
    const before = world.checkpoint();
    for (let round = 0; round < 2; round++) {
      world.call('unlock', unlock(a), task);
      world.call('other', trylock(new Mutex(world, 'other')), {});
      world.restore(before);
    }
    expect(world.call('other', trylock(a), {})).toEqual({ status: 'returned', value: false });
    world.call('unlock', unlock(a), task);
    expect(world.violations).toEqual([]);
  });

  it('is taken back with the state', () => {
    const { world, a } = three();
    const before = world.checkpoint();
    world.call('lock', lock(a), task);
    world.restore(before);
    expect(world.call('lock', trylock(a), task)).toEqual({ status: 'returned', value: true });
    expect(world.violations).toEqual([]);
  });
});
