/**
 * One writer and N readers of one variable. Each reader sees the value before or after the write: 2^N traces.
 * Published: Nidhugg's smoke tests readers_1 to readers_4, and GenMC's tests for 8 and 13.
 */
import { Cell, type Program, program, type Thread } from '../../src/index';

export function readers(count: number): Program {
  return program(`readers(${count})`, (world) => {
    const x = new Cell(world, 'x', 0);
    const threads: Thread[] = [
      {
        name: 'writer',
        *body() {
          yield* x.store(42);
        },
      },
    ];
    for (let number = 1; number <= count; number++) {
      threads.push({
        name: `reader${number}`,
        *body() {
          yield* x.load();
        },
      });
    }
    return { threads };
  });
}
