/** The exact number of interleavings, against what combinatorics says and against counting them one by one. */
import { describe, expect, it } from 'vitest';
import { AtomicInteger, Cell, countInterleavings, explore, Mutex, type Op, program } from '../../src/index';
import { everyOrder } from '../every-order';
import { lastzero } from '../programs/lastzero';
import { ninc } from '../programs/ninc';
import { philosophers } from '../programs/philosophers';
import { registry } from '../programs/registry';

/** Threads of so many steps each, which have nothing to do with each other. */
function apart(...lengths: readonly number[]) {
  return program(`apart ${lengths.join()}`, (world) => ({
    threads: lengths.map((length, number) => {
      const cell = new Cell(world, `c${number}`, 0);
      return {
        name: `t${number}`,
        *body(): Op<void> {
          for (let step = 0; step < length; step++) yield* cell.store(step);
        },
      };
    }),
  }));
}

function factorial(n: number): bigint {
  return n <= 1 ? 1n : BigInt(n) * factorial(n - 1);
}

function multinomial(lengths: readonly number[]): bigint {
  const all = factorial(lengths.reduce((sum, length) => sum + length, 0));
  return lengths.reduce((ways, length) => ways / factorial(length), all);
}

describe('counting interleavings', () => {
  it.each([[[1, 1]], [[3, 3]], [[5, 2]], [[20, 20]], [[4, 4, 4]], [[2, 2, 2, 2, 2]]])(
    'of independent threads of %j steps gives the multinomial coefficient',
    (lengths) => {
      expect(countInterleavings(apart(...lengths))?.interleavings).toBe(multinomial(lengths));
    },
  );

  it('counts steps that conflict like any other: what they see differs, not how they can be ordered', () => {
    expect(countInterleavings(ninc(2, 3))?.interleavings).toBe(multinomial([6, 6]));
  });

  it('of whole critical sections counts their orders', () => {
    const sections = program('sections', (world) => {
      const lock = new Mutex(world, 'm');
      const threads = ['a', 'b', 'c', 'd'].map((name) => ({
        name,
        *body(): Op<void> {
          yield* lock.lock();
          yield* lock.unlock();
        },
      }));
      return { threads };
    });
    expect(countInterleavings(sections)?.interleavings).toBe(factorial(4));
  });

  it.each([() => registry('nothing'), () => registry('reference'), () => philosophers(3), () => lastzero(3)])(
    'gives the number of those that can be run, deadlocks included (%#)',
    (build) => {
      const oneByOne = everyOrder(build(), () => undefined);
      expect(countInterleavings(build())?.interleavings).toBe(BigInt(oneByOne));
    },
  );

  it('gives up after too many states, also where a loop need not end', () => {
    expect(countInterleavings(apart(20, 20), 100)).toBeNull();
    const spinning = program('spinning', (world) => {
      const flag = new AtomicInteger(world, 'flag');
      return {
        threads: [
          {
            name: 'spinner',
            *body(): Op<void> {
              while ((yield* flag.load()) === 0);
            },
          },
          {
            name: 'setter',
            *body(): Op<void> {
              yield* flag.store(1);
            },
          },
        ],
      };
    });
    expect(countInterleavings(spinning, 1000)).toBeNull();
  });

  it('leaves the program to be explored', () => {
    const given = registry('nothing');
    countInterleavings(given);
    expect(explore(given)).toEqual(explore(registry('nothing')));
  });
});
