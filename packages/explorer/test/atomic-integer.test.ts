/** Atomic integers and plain variables. */
import { describe, expect, it } from 'vitest';
import { AccessKind, AtomicInteger, Cell, type Op, PlainCell, program, type Step, World } from '../src/index';
import { Execution } from '../src/search/execution';
import { outcomes } from './every-order';

/** Kernel code that makes one operation and returns its answer. */
const only = <L, T>(operation: (location: L) => Step<T>) =>
  function* only(location: L): Op<T> {
    return yield* operation(location);
  };

/** Two fibers that each change the same integer by `change`; the values that it ends with. */
function endsOfTwo(change: (integer: AtomicInteger) => Op<unknown>): string[] {
  let integer: AtomicInteger;
  const given = program('two', (world) => {
    integer = new AtomicInteger(world, 'integer');
    const body = () => change(integer);
    return { threads: ['a', 'b'].map((name) => ({ name, body })) };
  });
  return outcomes(given, ({ fibers }) => `${integer.value}: ${fibers.map((fiber) => fiber.result).join()}`);
}

describe('an atomic integer', () => {
  it('loses no addition, and says what was there before', () => {
    expect(endsOfTwo(only((integer) => integer.fetchAdd(3)))).toEqual(['6: 0,3', '6: 3,0']);
    expect(endsOfTwo(only((integer) => integer.add(3)))).toEqual(['6: ,']);
    expect(endsOfTwo(only((integer) => integer.update((value) => value * 2 + 1)))).toEqual([
      '3: 1,3',
      '3: 3,1',
    ]);
    function* loadThenStore(integer: AtomicInteger): Op<void> {
      yield* integer.store((yield* integer.load()) + 1);
    }
    expect(endsOfTwo(loadThenStore)).toEqual(['1: ,', '2: ,']);
  });

  it('lets one of two compare-and-exchanges win', () => {
    expect(endsOfTwo(only((integer) => integer.compareExchange(0, 7)))).toEqual(['7: 0,7', '7: 7,0']);
    expect(endsOfTwo(only((integer) => integer.compareExchange(1, 7)))).toEqual(['0: 0,0']);
  });

  it('wraps around at 32 bits', () => {
    const world = new World();
    const integer = new AtomicInteger(world, 'integer', 2 ** 31 - 1);
    world.call('add', () => only((counter: AtomicInteger) => counter.add(1))(integer));
    expect(integer.value).toBe(-(2 ** 31));
  });

  it('declares what commutes as an increment and the rest as reads and writes', () => {
    const kinds = (operation: (integer: AtomicInteger) => Op<unknown>) => {
      const given = program('one', (world) => {
        const integer = new AtomicInteger(world, 'integer');
        return { threads: [{ name: 'a', body: () => operation(integer) }] };
      });
      const execution = new Execution(given);
      execution.start();
      const declared = execution.pendingAccesses(0);
      return Array.from({ length: declared.length }, (_, index) => declared.kind(index));
    };
    expect(kinds(only((integer) => integer.load()))).toEqual([AccessKind.READ]);
    expect(kinds(only((integer) => integer.store(1)))).toEqual([AccessKind.WRITE]);
    expect(kinds(only((integer) => integer.add(1)))).toEqual([AccessKind.INCREMENT]);
    expect(kinds(only((integer) => integer.fetchAdd(1)))).toEqual([AccessKind.WRITE]);
    expect(kinds(only((integer) => integer.compareExchange(0, 1)))).toEqual([AccessKind.WRITE]);
    expect(kinds(only((integer) => integer.update((value) => value)))).toEqual([AccessKind.WRITE]);
  });
});

describe('a plain cell', () => {
  it('is looked at in every step from its first access on; READ_ONCE is an access of its own kind', () => {
    const plain = (operation: (cell: Cell<number>) => Op<unknown>, make: (world: World) => Cell<number>) => {
      const given = program('one', (world) => {
        const cell = make(world);
        return { threads: [{ name: 'a', body: () => operation(cell) }] };
      });
      const execution = new Execution(given);
      execution.start();
      return [given.world.shared.size, execution.pendingAccesses(0).kind(0)];
    };
    const plainCell = (world: World) => new PlainCell(world, 'cell', 0);
    const markedCell = (world: World) => new Cell(world, 'cell', 0);
    const operations: ((cell: Cell<number>) => Op<unknown>)[] = [
      only((cell) => cell.load()),
      only((cell) => cell.store(1)),
      only((cell) => cell.loadRacy()),
    ];
    expect(operations.map((operation) => plain(operation, plainCell))).toEqual([
      [1, AccessKind.READ],
      [1, AccessKind.WRITE],
      [1, AccessKind.READ_ONCE],
    ]);
    expect(operations.map((operation) => plain(operation, markedCell))).toEqual([
      [0, AccessKind.READ],
      [0, AccessKind.WRITE],
      [0, AccessKind.READ_ONCE],
    ]);
  });
});
