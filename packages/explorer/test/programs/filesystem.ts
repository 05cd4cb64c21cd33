/**
 * Threads give inodes their first block: the inode under its lock, then blocks one after the other, each under its own
 * lock, until a free one is found. Up to 13 threads nobody meets. The program is the file system of "Dynamic
 * partial-order reduction for model checking software" (POPL 2005).
 */
import { Cell, Mutex, type Op, type Program, program, type Thread } from '../../src/index';

const INODES = 32;
const BLOCKS = 26;

/** A lock and the number that it protects. */
interface Locked {
  readonly lock: Mutex;
  readonly value: Cell<number>;
}

export function filesystem(count: number): Program {
  return program(`filesystem(${count})`, (world) => {
    const locked = (name: string, length: number) =>
      Array.from({ length }, (_, index): Locked => {
        return {
          lock: new Mutex(world, `${name}[${index}].lock`),
          value: new Cell(world, `${name}[${index}]`, 0),
        };
      });
    const inodes = locked('inode', INODES);
    const blocks = locked('block', BLOCKS);

    function* takeFreeBlock(from: number): Op<number> {
      for (let block = from; ; block = (block + 1) % BLOCKS) {
        const { lock, value } = blocks[block] as Locked;
        yield* lock.lock();
        const free = (yield* value.load()) === 0;
        if (free) yield* value.store(1);
        yield* lock.unlock();
        if (free) return block;
      }
    }

    const threads = Array.from({ length: count }, (_, number): Thread => {
      return {
        name: `t${number}`,
        *body() {
          const inode = number % INODES;
          const { lock, value } = inodes[inode] as Locked;
          yield* lock.lock();
          if ((yield* value.load()) === 0)
            yield* value.store(1 + (yield* takeFreeBlock((inode * 2) % BLOCKS)));
          yield* lock.unlock();
        },
      };
    });
    return { threads };
  });
}
