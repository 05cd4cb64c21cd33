/** N philosophers, each of whom takes the left fork first and then the right one: one trace is a deadlock. */
import { Mutex, type Program, program, type Thread } from '../../src/index';

export function philosophers(count: number): Program {
  return program(`philosophers(${count})`, (world) => {
    const forks = Array.from({ length: count }, (_, number) => new Mutex(world, `fork${number}`));
    const threads = Array.from({ length: count }, (_, number): Thread => {
      const left = forks[number] as Mutex;
      const right = forks[(number + 1) % count] as Mutex;
      return {
        name: `philosopher${number}`,
        *body() {
          yield* left.lock();
          yield* right.lock();
          yield* right.unlock();
          yield* left.unlock();
        },
      };
    });
    return { threads };
  });
}
