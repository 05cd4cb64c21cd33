/**
 * N threads increment a variable under one mutex. Nothing but the order of the critical sections can differ: N! traces.
 * Published: Nidhugg's smoke tests mutex_order_2 and mutex_order_3 (2 and 6).
 */
import { Cell, Mutex, type Program, program, type Thread } from '../../src/index';

export function mutexOrder(count: number): Program {
  return program(`mutex_order(${count})`, (world) => {
    const mutex = new Mutex(world, 'm');
    const x = new Cell(world, 'x', 0);
    const threads = Array.from({ length: count }, (_, number): Thread => {
      return {
        name: `t${number}`,
        *body() {
          yield* mutex.lock();
          const before = yield* x.load();
          yield* x.store(before + 1);
          yield* mutex.unlock();
        },
      };
    });
    return { threads };
  });
}
