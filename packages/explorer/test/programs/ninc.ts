/** Threads that increment one variable, a few times each, without a lock: every step races with every other. */
import { Cell, type Program, program, type Thread } from '../../src/index';

export function ninc(count: number, times: number): Program {
  return program(`ninc(${count},${times})`, (world) => {
    const x = new Cell(world, 'x', 0);
    const threads = Array.from({ length: count }, (_, number): Thread => {
      return {
        name: `t${number}`,
        *body() {
          for (let time = 0; time < times; time++) {
            const before = yield* x.load();
            yield* x.store(before + 1);
          }
        },
      };
    });
    return { threads };
  });
}
