/** Accesses that depend on the state, accesses within a step, and what a recorder is told. */
import { describe, expect, it } from 'vitest';
import {
  AccessKind,
  type AccessList,
  AppendOnlyLog,
  Cell,
  Completion,
  KernelObject,
  Mutex,
  type Op,
  type OperationKind,
  program,
  StructureCell,
  type World,
} from '../src/index';
import { Execution } from '../src/search/execution';

function pairs(list: AccessList): [number, number][] {
  return Array.from({ length: list.length }, (_, n) => [list.location(n), list.kind(n)]);
}

/** Reads the cell that an index cell points to. */
function indirect(world: World, index: Cell<number>, cells: readonly Cell<number>[]) {
  const kind: OperationKind = {
    name: 'indirect',
    enabled: null,
    execute: () => (cells[index.value] as Cell<number>).value,
    declare: (p) => {
      p.accesses.add(index.location, AccessKind.READ);
      p.accesses.add((cells[index.value] as Cell<number>).location, AccessKind.READ);
    },
  };
  return function* read(): Op<number> {
    world.begin(kind, { label: 'indirect' });
    return yield* world.submit();
  };
}

describe('accesses that depend on the state', () => {
  it('are those of the moment at which the step is performed', () => {
    let locations: number[] = [];
    const search = new Execution(
      program('indirect', (world) => {
        const index = new Cell(world, 'index', 0);
        const cells = [new Cell(world, 'a', 10), new Cell(world, 'b', 11)];
        locations = [index.location, ...cells.map((cell) => cell.location)];
        const read = indirect(world, index, cells);
        return {
          threads: [
            { name: 'reader', body: read },
            {
              name: 'writer',
              *body() {
                yield* index.store(1);
              },
            },
          ],
        };
      }),
    );
    const [index, a, b] = locations as [number, number, number];
    const [reader] = search.fibers;
    search.start();
    expect(pairs(search.pendingAccesses(0))).toEqual([
      [index, AccessKind.READ],
      [a, AccessKind.READ],
    ]);
    search.step(1);
    search.program.world.redeclare(search.fibers[0] as NonNullable<typeof reader>);
    expect(pairs(search.pendingAccesses(0))[1]).toEqual([b, AccessKind.READ]);
    search.start();
    search.step(1);
    search.step(0);
    expect(reader?.result).toBe(11);
    expect(pairs(reader?.performed as AccessList)[1]).toEqual([b, AccessKind.READ]);
    search.finish();
  });
});

describe('accesses within a step', () => {
  function build() {
    const made: {
      object?: KernelObject;
      guarded?: Cell<number>;
      plain?: Cell<number>;
      log?: AppendOnlyLog<string>;
    } = {};
    const search = new Execution(
      program('within', (world) => {
        const object = new KernelObject(world, 'thing');
        const lock = new Mutex(object, 'lock');
        const guarded = new Cell(object, 'guarded', 0, lock);
        const plain = new Cell(object, 'plain', 0);
        const map = new StructureCell(world, 'map', new Map<number, number>());
        const log = new AppendOnlyLog<string>(world, 'log');
        Object.assign(made, { object, guarded, plain, log });
        return {
          threads: [
            {
              name: 'worker',
              *body() {
                yield* lock.lock();
                yield* guarded.store((yield* guarded.load()) + 1);
                plain.writeInStep(plain.readInStep() + map.readInStep((m) => m.size));
                map.changeInStep({ apply: (m) => m.set(1, 1), undo: (m) => m.delete(1) });
                log.append('done');
                yield* lock.unlock();
              },
            },
            {
              name: 'killer',
              *body() {
                yield* object.free();
              },
            },
          ],
        };
      }),
    );
    return { search, made: made as Required<typeof made> };
  }

  it('belong to the step that contains them, those of guarded cells once somebody goes round the lock', () => {
    const { search, made } = build();
    const performedFirst = () => {
      search.start();
      search.step(0);
      return pairs((search.fibers[0] as NonNullable<(typeof search.fibers)[0]>).performed);
    };
    const locations = performedFirst().map(([location]) => location);
    expect(locations).not.toContain(made.guarded.location);
    search.program.world.shared.add(made.guarded);
    const performed = performedFirst();
    expect(performed).toContainEqual([made.guarded.location, AccessKind.WRITE]);
    expect(performed).toContainEqual([made.guarded.location, AccessKind.READ]);
    expect(performed).toContainEqual([made.plain.location, AccessKind.WRITE]);
    expect(performed).toContainEqual([made.log.location, AccessKind.INCREMENT]);
    expect(performed).toContainEqual([made.object.lifeLocation, AccessKind.READ]);
    expect(new Set(performed.map(String)).size).toBe(performed.length);
    search.finish();
    expect(made.plain.value).toBe(0);
    expect(made.log.value).toEqual([]);
  });

  it('of a freed object are a use after free', () => {
    const { search } = build();
    search.start();
    search.step(1);
    search.step(0);
    const messages = search.program.world.violations.map(({ message }) => message);
    expect(messages.some((message) => message.includes('load thing#1.plain'))).toBe(true);
    expect(messages.some((message) => message.includes('store thing#1.plain'))).toBe(true);
    search.finish();
  });
});

it('two waits for one completion conflict: the first takes what the second waits for', () => {
  let available = -1;
  const search = new Execution(
    program('two waits', (world) => {
      const done = new Completion(world, 'done');
      available = done.location;
      const wait = function* wait(): Op<void> {
        yield* done.wait();
      };
      return {
        threads: [
          { name: 'a', body: wait },
          { name: 'b', body: wait },
        ],
      };
    }),
  );
  search.start();
  expect(pairs(search.pendingAccesses(0))).toContainEqual([available, AccessKind.CONSUME]);
  search.finish();
});
