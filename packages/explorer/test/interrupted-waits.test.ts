/**
 * Waits that one of two things ends: the value of neither location alone says whether they could have ended earlier, so
 * the engines assume races that are none. Smallest programs in which an assumed race once hid a real one.
 */
import { describe, expect, it } from 'vitest';
import { Cell, Mutex, type Op, program, Signal, WaitQueue } from '../src/index';
import { allInterleavings, runSchedules, type Subject } from './oracle/brute-force';
import { searched } from './oracle/searched';

function* lockedUnlessInterrupted(mutex: Mutex): Op<0 | 'EINTR'> {
  const error = yield* mutex.lockInterruptible();
  if (error === 0) yield* mutex.unlock();
  return error;
}

/** The signal is there, then cleared twice: before the second time the wait could not end, before the first it could. */
function clearedTwice(): Subject {
  return subject('cleared twice', (mutex, signal) => [
    {
      name: 'waiter',
      task: { signal },
      *body() {
        yield* signal.kill();
        yield* lockedUnlessInterrupted(mutex);
      },
    },
    {
      name: 'owner',
      *body() {
        yield* mutex.lock();
        yield* signal.clear();
        yield* signal.clear();
        yield* mutex.unlock();
      },
    },
  ]);
}

/** The wait of `first` is for a mutex that another interruptible wait may have, so its reversal is given up. */
function killedBesideAnother(): Subject {
  return subject('killed beside another', (mutex, signal, other) => [
    {
      name: 'killer',
      *body() {
        yield* signal.kill();
      },
    },
    {
      name: 'first',
      task: { signal },
      *body() {
        yield* other.lock();
        yield* lockedUnlessInterrupted(mutex);
        yield* other.unlock();
      },
    },
    {
      name: 'second',
      task: { signal: new Signal(mutex.owner, 'no signal') },
      body: () => lockedUnlessInterrupted(mutex),
    },
  ]);
}

/** Nothing makes the condition true, and clearing the signal is a write before which the sleep could not end. */
function neverTrue(): Subject {
  return subject('never true', (mutex, signal) => {
    const flag = new Cell(mutex.owner, 'flag', false);
    const queue = new WaitQueue(mutex.owner, 'queue');
    return [
      {
        name: 'waker',
        *body() {
          yield* queue.wakeUp();
          yield* signal.clear();
        },
      },
      {
        name: 'sleeper',
        task: { signal },
        *body() {
          yield* queue.waitUntilInterruptible(function* () {
            return yield* flag.load();
          });
        },
      },
    ];
  });
}

type Threads = (mutex: Mutex, signal: Signal, other: Mutex) => Subject['program']['threads'];

function subject(id: string, threads: Threads): Subject {
  const made = program(id, (world) => {
    const locks = [new Mutex(world, 'mutex'), new Mutex(world, 'other')] as const;
    return { threads: threads(locks[0], new Signal(world, 'signal'), locks[1]) };
  });
  return { program: made, outcome: () => '' };
}

describe.each([
  ['cleared twice', clearedTwice],
  ['killed beside another', killedBesideAnother],
  ['never true', neverTrue],
] as const)('%s', (_, build) => {
  const all = allInterleavings(build());

  it.each(['optimal', 'source', 'bounded'] as const)('%s runs every trace', (engine) => {
    const { result, schedules } = searched(build().program, engine, 20);
    expect(result.verdict).toBe('COMPLETE');
    const run = runSchedules(build(), schedules);
    expect([...run.traces.keys()].sort()).toEqual([...all.traces.keys()].sort());
  });
});
