/** Waits and wake-ups in every order, lost ones included. */
import { describe, expect, it } from 'vitest';
import {
  AccessKind,
  Cell,
  Completion,
  KernelObject,
  Mutex,
  type Op,
  program,
  Signal,
  type Thread,
  WaitQueue,
  World,
} from '../src/index';
import { Execution } from '../src/search/execution';
import { everyOrder, outcomes, results } from './every-order';

interface Shared {
  readonly flag: Cell<boolean>;
  readonly queue: WaitQueue;
  readonly signal: Signal;
}

/** A consumer that waits for the flag, and whoever else there is. */
function waiting(interruptible: boolean, others: (shared: Shared) => readonly Thread[]) {
  return program('wait', (world) => {
    const flag = new Cell(world, 'flag', false);
    const shared = { flag, queue: new WaitQueue(world, 'queue'), signal: new Signal(world, 'signal', null) };
    function* set(): Op<boolean> {
      return yield* flag.load();
    }
    const consumer: Thread = {
      name: 'consumer',
      task: { signal: shared.signal },
      *body(): Op<0 | 'EINTR'> {
        if (interruptible) return yield* shared.queue.waitUntilInterruptible(set);
        yield* shared.queue.waitUntil(set);
        return 0;
      },
    };
    return { threads: [consumer, ...others(shared)] };
  });
}

const setThenWake = ({ flag, queue }: Shared): Thread => ({
  name: 'producer',
  *body(): Op<void> {
    yield* flag.store(true);
    yield* queue.wakeUp();
  },
});

describe('a wait queue', () => {
  it('wakes the waiter in every order when the condition comes first and the wake-up second', () => {
    const given = waiting(false, (shared) => [setThenWake(shared)]);
    expect(outcomes(given, results)).toEqual(['consumer=0 producer=undefined']);
  });

  it('loses the wake-up in some orders when it comes first', () => {
    const given = waiting(false, ({ flag, queue }) => [
      {
        name: 'producer',
        *body(): Op<void> {
          yield* queue.wakeUp();
          yield* flag.store(true);
        },
      },
    ]);
    expect(outcomes(given, results)).toEqual([
      'consumer=0 producer=undefined',
      'consumer=undefined producer=undefined stuck:consumer',
    ]);
  });

  it('leaves the waiter asleep when nobody wakes it after it has looked', () => {
    const given = waiting(false, ({ flag }) => [
      {
        name: 'producer',
        *body(): Op<void> {
          yield* flag.store(true);
        },
      },
    ]);
    const orders = new Map<string, string>();
    everyOrder(given, (ending) => orders.set(ending.schedule.join(''), ending.stuck.join()));
    // The consumer gets on the queue, looks, and sleeps if it saw nothing.
    expect(Object.fromEntries(orders)).toEqual({ '001': 'consumer', '010': '', '100': '' });
  });

  it('wakes everybody at once', () => {
    const given = waiting(false, (shared) => [
      {
        name: 'second',
        *body(): Op<void> {
          yield* shared.queue.waitUntil(function* set() {
            return yield* shared.flag.load();
          });
        },
      },
      setThenWake(shared),
    ]);
    expect(outcomes(given, ({ stuck }) => stuck.join())).toEqual(['']);
  });

  it('takes a condition over several cells, one of which changes back', () => {
    const given = program('two cells', (world) => {
      const a = new Cell(world, 'a', false);
      const b = new Cell(world, 'b', false);
      const queue = new WaitQueue(world, 'queue');
      const setter = (cell: Cell<boolean>): Thread => ({
        name: cell.name,
        *body(): Op<void> {
          yield* cell.store(true);
          yield* queue.wakeUp();
        },
      });
      const consumer: Thread = {
        name: 'consumer',
        *body(): Op<string> {
          yield* queue.waitUntil(function* both() {
            return (yield* a.load()) && (yield* b.load());
          });
          return `${a.value},${b.value}`;
        },
      };
      return { threads: [consumer, setter(a), setter(b)] };
    });
    expect(outcomes(given, results)).toEqual(['consumer=true,true a=undefined b=undefined']);
  });
});

describe('an interruptible wait', () => {
  const sender = ({ signal }: Shared): Thread => ({
    name: 'sender',
    *body(): Op<void> {
      yield* signal.send();
    },
  });

  it('ends with the condition or the signal, in every order, and never sleeps through either', () => {
    const given = waiting(true, (shared) => [setThenWake(shared), sender(shared)]);
    expect(outcomes(given, results)).toEqual([
      'consumer=0 producer=undefined sender=undefined',
      'consumer=EINTR producer=undefined sender=undefined',
    ]);
  });

  it('ends with the signal alone', () => {
    expect(
      outcomes(
        waiting(true, (shared) => [sender(shared)]),
        results,
      ),
    ).toEqual(['consumer=EINTR sender=undefined']);
  });

  it('is not ended by a signal when it is of the other kind', () => {
    expect(
      outcomes(
        waiting(false, (shared) => [sender(shared)]),
        results,
      ),
    ).toEqual(['consumer=undefined sender=undefined stuck:consumer']);
  });

  it('prefers the condition', () => {
    const world = new World();
    const queue = new WaitQueue(world, 'queue');
    const signal = new Signal(world, 'signal', null);
    const result = world.call(
      'task',
      function* task() {
        yield* signal.send();
        return yield* queue.waitUntilInterruptible(function* yes() {
          return true;
        });
      },
      { signal },
    );
    expect(result).toEqual({ status: 'returned', value: 0 });
  });
});

describe('what a wait declares', () => {
  it('is the queue and the signal: read when it gets on the queue, awaited when it sleeps', () => {
    const given = waiting(true, (shared) => [
      {
        name: 'names',
        *body(): Op<void> {
          yield* shared.signal.send();
          yield* shared.queue.wakeUp();
        },
      },
    ]);
    const execution = new Execution(given);
    execution.start();
    const declared = (fiber: number) => {
      const list = execution.pendingAccesses(fiber);
      return Array.from({ length: list.length }, (_, index) => [list.location(index), list.kind(index)]);
    };
    const prepared = declared(0);
    execution.step(0);
    execution.step(0);
    const sleeping = declared(0);
    const [[signal, sent]] = declared(1) as [[number, number]];
    execution.step(1);
    const [[queue, woken]] = declared(1) as [[number, number]];
    expect([sent, woken]).toEqual([AccessKind.WRITE, AccessKind.WRITE]);
    expect(prepared).toEqual([
      [queue, AccessKind.READ],
      [signal, AccessKind.READ],
    ]);
    expect(sleeping).toEqual([
      [queue, AccessKind.AWAIT],
      [signal, AccessKind.AWAIT],
    ]);
  });

  it('is the life of the object as well, where it has one', () => {
    const given = program('owned', (world) => {
      const owner = new KernelObject(world, 'group', 'g');
      const task = new KernelObject(world, 'task', 't');
      const queue = new WaitQueue(owner, 'queue');
      const signal = new Signal(task, 'signal', null);
      return {
        threads: [
          {
            name: 'waiter',
            task: { signal },
            *body(): Op<void> {
              yield* queue.waitUntilInterruptible(function* never() {
                return false;
              });
            },
          },
          {
            name: 'owner freed',
            *body(): Op<void> {
              yield* owner.free();
              yield* task.free();
            },
          },
        ],
      };
    });
    const execution = new Execution(given);
    execution.start();
    const locations = (fiber: number) => {
      const list = execution.pendingAccesses(fiber);
      return Array.from({ length: list.length }, (_, index) => list.location(index));
    };
    const waiter = locations(0);
    const [life] = locations(1);
    execution.step(1);
    const [taskLife] = locations(1);
    expect(waiter).toEqual(expect.arrayContaining([life, taskLife]));
  });
});

describe('a wait that only user space can end', () => {
  it('says so on the operation that waits, and on no other', () => {
    const world = new World();
    const done = new Completion(world, 'done');
    const cell = new Cell(world, 'cell', 0);
    const queue = new WaitQueue(world, 'queue');
    const mutex = new Mutex(world, 'mutex');
    const byUser = { endedByUser: true };
    const isOne = (value: number) => value === 1;
    function* never(): Op<boolean> {
      return false;
    }
    const waits: Record<string, () => Op<unknown>> = {
      *completion() {
        yield* done.wait(byUser);
      },
      *timeout() {
        yield* done.waitTimeout(5, byUser);
      },
      *cell() {
        yield* cell.waitUntil(isOne, byUser);
      },
      *queue() {
        yield* queue.waitUntil(never, byUser);
      },
      *kernelCompletion() {
        yield* done.wait();
      },
      *kernelCell() {
        yield* cell.waitUntil(isOne);
      },
      *kernelQueue() {
        yield* queue.waitUntil(never);
      },
      *afterwards() {
        yield* mutex.lock();
        yield* done.waitTimeout(0, byUser);
        yield* mutex.lock();
      },
    };
    const marked = Object.entries(waits).map(([name, body]) => {
      const result = world.call(name, body);
      return [name, result.status === 'blocked' && result.fiber.pending.endedByUser];
    });
    expect(Object.fromEntries(marked)).toEqual({
      completion: true,
      timeout: true,
      cell: true,
      queue: true,
      kernelCompletion: false,
      kernelCell: false,
      kernelQueue: false,
      afterwards: false,
    });
  });
});

describe('a wait for a cell', () => {
  it('waits for the value though the guard is held', () => {
    const world = new World();
    const lock = new Mutex(world, 'lock');
    const cell = new Cell(world, 'cell', 0, lock);
    const result = world.call('task', function* task() {
      yield* lock.lock();
      yield* cell.waitUntil((value) => value === 1);
    });
    expect(result.status).toBe('blocked');
  });
});
