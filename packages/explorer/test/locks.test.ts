/** Mutexes, rwsems and spinlocks under every order of their fibers. */
import { describe, expect, it } from 'vitest';
import {
  AccessKind,
  Mutex,
  type Op,
  type Program,
  program,
  RwSemaphore,
  Signal,
  Spinlock,
  type Step,
  World,
} from '../src/index';
import { Execution } from '../src/search/execution';
import { everyOrder, outcomes, results } from './every-order';

/** A holder that locks and unlocks, a waiter whose wait may be interrupted, and a sender of a signal to it. */
function interrupted(
  wait: (mutex: Mutex) => Step<0 | 'EINTR'>,
  send: (signal: Signal) => Step<void>,
): Program {
  return program('interrupted', (world) => {
    const mutex = new Mutex(world, 'mutex');
    const signal = new Signal(world, 'signal', null);
    return {
      threads: [
        {
          name: 'holder',
          *body(): Op<void> {
            yield* mutex.lock();
            yield* mutex.unlock();
          },
        },
        {
          name: 'waiter',
          task: { signal },
          *body(): Op<0 | 'EINTR'> {
            const error = yield* wait(mutex);
            if (error === 0) yield* mutex.unlock();
            return error;
          },
        },
        {
          name: 'sender',
          *body(): Op<void> {
            yield* send(signal);
          },
        },
      ],
    };
  });
}

/** What the waiter must get under a schedule: EINTR if the holder has the mutex when it makes its first step. */
function expectedAnswer(schedule: readonly number[]): 0 | 'EINTR' {
  const holderSteps = schedule.slice(0, schedule.indexOf(1)).filter((fiber) => fiber === 0).length;
  return holderSteps === 1 ? 'EINTR' : 0;
}

describe('an interruptible lock', () => {
  it('answers EINTR in just the orders in which the mutex is held and the signal is there', () => {
    const given = interrupted(
      (mutex) => mutex.lockInterruptible(),
      (signal) => signal.send(),
    );
    const answers = new Set<unknown>();
    everyOrder(given, ({ fibers, stuck, schedule }) => {
      const answer = fibers[1]?.result;
      answers.add(answer);
      expect(answer).toBe(expectedAnswer(schedule));
      // While the mutex is held, only a signal lets the waiter go on.
      if (answer === 'EINTR') expect(schedule.indexOf(2)).toBeLessThan(schedule.indexOf(1));
      expect(stuck).toEqual([]);
    });
    expect(answers).toEqual(new Set([0, 'EINTR']));
    expect(given.world.violations).toEqual([]);
  });

  it('that only a fatal signal ends waits through any other', () => {
    const wait = (mutex: Mutex) => mutex.lockKillable();
    const waiter = (given: Program) => outcomes(given, ({ fibers }) => String(fibers[1]?.result));
    expect(waiter(interrupted(wait, (signal) => signal.send()))).toEqual(['0']);
    expect(waiter(interrupted(wait, (signal) => signal.kill()))).toEqual(['0', 'EINTR']);
  });

  it('of a free mutex takes it whatever is pending; a signal that was taken interrupts no more', () => {
    const world = new World();
    const mutex = new Mutex(world, 'mutex');
    const signal = new Signal(world, 'signal', null);
    const run = (body: () => Op<unknown>) => world.call('run', body, { signal });
    run(function* send() {
      yield* signal.kill();
      yield* signal.send();
    });
    const free = run(function* take() {
      expect(yield* signal.isFatal()).toBe(true);
      return yield* mutex.lockInterruptible();
    });
    expect(free).toEqual({ status: 'returned', value: 0 });
    const second = () => mutex.lockInterruptible();
    const interruptedNow = run(function* takeAgain() {
      return yield* second();
    });
    expect(interruptedNow).toEqual({ status: 'returned', value: 'EINTR' });
    const waiting = run(function* takeLater() {
      yield* signal.clear();
      expect(yield* signal.isPending()).toBe(false);
      return yield* second();
    });
    expect(waiting.status).toBe('blocked');
  });

  it('for no task, or a task without signals, is a lock like any other', () => {
    const world = new World();
    const mutex = new Mutex(world, 'mutex');
    for (const task of [null, {}, { signal: 'SIGKILL' }]) {
      const result = world.call(
        'run',
        function* run() {
          const error = yield* mutex.lockInterruptible();
          yield* mutex.unlock();
          return error;
        },
        task,
      );
      expect(result).toEqual({ status: 'returned', value: 0 });
    }
  });

  it('declares the mutex, as a lock and as a trylock, and the signal that it awaits', () => {
    const given = interrupted(
      (mutex) => mutex.lockInterruptible(),
      (signal) => signal.send(),
    );
    const execution = new Execution(given);
    execution.start();
    const mutex = execution.pendingAccesses(0).location(0);
    const signal = execution.pendingAccesses(2).location(0);
    const declared = execution.pendingAccesses(1);
    const pairs = Array.from({ length: declared.length }, (_, n) => [declared.location(n), declared.kind(n)]);
    expect(pairs).toEqual([
      [mutex, AccessKind.LOCK],
      [mutex, AccessKind.TRY_LOCK],
      [signal, AccessKind.AWAIT],
    ]);
  });
});

describe('a reader-writer semaphore', () => {
  it('lets readers in together and a writer alone, by waiting and by trying', () => {
    let inside = { readers: 0, writers: 0 };
    const seen = new Set<string>();
    const enter = (what: 'readers' | 'writers', by: number) => {
      inside = { ...inside, [what]: inside[what] + by };
      seen.add(`${inside.readers}r${inside.writers}w`);
    };
    const given = program('rwsem', (world) => {
      const semaphore = new RwSemaphore(world, 'rwsem');
      const reader = (trying: boolean) =>
        function* reader(): Op<boolean> {
          if (trying) {
            if (!(yield* semaphore.tryDownRead())) return false;
          } else {
            yield* semaphore.downRead();
          }
          enter('readers', 1);
          yield* semaphore.upRead();
          enter('readers', -1);
          return true;
        };
      const writer = (trying: boolean) =>
        function* writer(): Op<boolean> {
          if (trying) {
            if (!(yield* semaphore.tryDownWrite())) return false;
          } else {
            yield* semaphore.downWrite();
          }
          enter('writers', 1);
          yield* semaphore.upWrite();
          enter('writers', -1);
          return true;
        };
      return {
        threads: [
          { name: 'r', body: reader(false) },
          { name: 'w', body: writer(false) },
          { name: 'tryR', body: reader(true) },
          { name: 'tryW', body: writer(true) },
        ],
      };
    });
    const found = outcomes(given, (ending) => {
      expect(inside).toEqual({ readers: 0, writers: 0 });
      return results(ending);
    });
    expect(found).toEqual([
      'r=true w=true tryR=false tryW=false',
      'r=true w=true tryR=false tryW=true',
      'r=true w=true tryR=true tryW=false',
      'r=true w=true tryR=true tryW=true',
    ]);
    expect([...seen].sort()).toEqual(['0r0w', '0r1w', '1r0w', '2r0w']);
    expect(given.world.violations).toEqual([]);
  });

  it('is given up when the waiting task is killed', () => {
    const given = program('killed', (world) => {
      const semaphore = new RwSemaphore(world, 'mmap_lock');
      const signal = new Signal(world, 'signal', null);
      return {
        threads: [
          {
            name: 'reader',
            *body(): Op<void> {
              yield* semaphore.downRead();
            },
          },
          { name: 'writer', task: { signal }, body: () => kill(semaphore) },
          {
            name: 'killer',
            *body(): Op<void> {
              yield* signal.kill();
            },
          },
        ],
      };
    });
    function* kill(semaphore: RwSemaphore): Op<0 | 'EINTR'> {
      const error = yield* semaphore.downWriteKillable();
      if (error === 0) yield* semaphore.upWrite();
      return error;
    }
    expect(outcomes(given, results)).toEqual([
      'reader=undefined writer=0 killer=undefined',
      'reader=undefined writer=EINTR killer=undefined',
    ]);
  });
});

describe('an unlock by somebody who does not hold it', () => {
  it.each([
    ['mutex', (world: World) => new Mutex(world, 'lock'), 'is held by owner, not by stranger'],
    ['spinlock', (world: World) => new Spinlock(world, 'lock'), 'is held by owner, not by stranger'],
  ] as const)('%s', (_name, make, complaint) => {
    const world = new World();
    const lock = make(world);
    world.call('owner', function* own() {
      yield* lock.lock();
    });
    world.call('stranger', function* stranger() {
      yield* lock.unlock();
    });
    expect(world.violations.map(({ kind, message }) => [kind, message])).toEqual([
      ['bad-unlock', `stranger: lock ${complaint}`],
    ]);
    world.call('late', function* late() {
      yield* lock.unlock();
    });
    expect(world.violations[1]?.message).toBe('late: lock is held by nobody, not by late');
  });

  it('rwsem, for reading and for writing', () => {
    const world = new World();
    const semaphore = new RwSemaphore(world, 'rwsem');
    world.call('reader', function* reader() {
      yield* semaphore.downRead();
      yield* semaphore.upWrite();
    });
    world.call('stranger', function* stranger() {
      yield* semaphore.upRead();
    });
    world.call('writer', function* writer() {
      yield* semaphore.upRead();
      yield* semaphore.upWrite();
    });
    expect(world.violations.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'bad-unlock: reader: rwsem is not held for writing by reader; it is held by reader',
      'bad-unlock: stranger: rwsem is not held for reading by stranger; it is held by reader',
      'bad-unlock: writer: rwsem is not held for reading by writer; it is held by reader',
      'bad-unlock: writer: rwsem is not held for writing by writer; it is held by reader',
    ]);
    expect(semaphore.readers.length).toBe(1);
  });
});
