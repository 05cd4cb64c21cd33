/**
 * Two threads add two variables into each other, N rounds each, while the main thread reads both without waiting for
 * them. The main thread's two reads matter: without them the counts are 3 and 19. Published: Nidhugg's smoke tests
 * fib_bench_true_1 and fib_bench_true_2 (11 and 140), after the SV-COMP program of that name.
 */
import { Cell, type Op, type Program, program } from '../../src/index';

export function fibBench(rounds: number): Program {
  return program(`fib_bench_true(${rounds})`, (world) => {
    const i = new Cell(world, 'i', 1);
    const j = new Cell(world, 'j', 1);
    const adding = (into: Cell<number>) =>
      function* body(): Op<void> {
        for (let round = 0; round < rounds; round++) {
          const first = yield* i.load();
          const second = yield* j.load();
          yield* into.store(first + second);
        }
      };
    return {
      threads: [
        { name: 'into i', body: adding(i) },
        { name: 'into j', body: adding(j) },
        {
          name: 'main',
          *body() {
            return [yield* i.load(), yield* j.load()];
          },
        },
      ],
    };
  });
}
