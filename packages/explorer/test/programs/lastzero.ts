/**
 * An array of zeros. N writers each set their element to one more than its neighbour's, and a reader looks from the end
 * for the last zero: how many elements it reads depends on the writers' order. From "Optimal dynamic partial order
 * reduction" (POPL 2014). Published: Nidhugg's smoke tests lastzero_1 to lastzero_4, Concuerror's suite (5: 64
 * optimal, 10) and GenMC's (5, 10, 15).
 */
import { Cell, type Program, program, type Thread } from '../../src/index';

export function lastzero(count: number): Program {
  return program(`lastzero(${count})`, (world) => {
    const array = Array.from({ length: count + 1 }, (_, index) => new Cell(world, `array[${index}]`, 0));
    const at = (index: number) => array[index] as Cell<number>;
    const threads: Thread[] = [
      {
        name: 'reader',
        *body() {
          let index = count;
          while ((yield* at(index).load()) !== 0) index--;
          return index;
        },
      },
    ];
    for (let index = 1; index <= count; index++) {
      threads.push({
        name: `writer${index}`,
        *body() {
          const before = yield* at(index - 1).load();
          yield* at(index).store(before + 1);
        },
      });
    }
    return { threads };
  });
}
