/**
 * ADR 15: going back costs what has changed, and gives the state that there was. That no checkpoint is made while a
 * fiber lives, and that every kind of state comes back, is in `state.test.ts`.
 */
import { describe, expect, it } from 'vitest';
import { Cell, type ExternalState, KernelObject, type Undoable, UndoLog, World } from '../../src/index';

/** A cell that counts how often it is taken back. */
class CountedCell extends Cell<number> {
  rollbacks = 0;
  override rollback(before: unknown): void {
    this.rollbacks++;
    super.rollback(before);
  }
}

function store(world: World, cell: Cell<number>, value: number): void {
  world.call('store', function* storing() {
    yield* cell.store(value);
  });
}

describe('restore', () => {
  it('touches what has changed since the checkpoint and nothing else', () => {
    const world = new World();
    const cells = Array.from({ length: 1000 }, (_, n) => new CountedCell(world, `c${n}`, 0));
    const first = world.checkpoint();
    for (const cell of cells) store(world, cell, 1);
    const second = world.checkpoint();
    for (const cell of cells.slice(0, 3)) store(world, cell, 2);
    world.restore(second);
    expect(cells.reduce((sum, cell) => sum + cell.rollbacks, 0)).toBe(3);
    expect(cells.map((cell) => cell.value)).toEqual(cells.map(() => 1));
    world.restore(second);
    expect(cells.reduce((sum, cell) => sum + cell.rollbacks, 0)).toBe(3);
    world.restore(first);
    expect(cells.reduce((sum, cell) => sum + cell.rollbacks, 0)).toBe(1003);
    expect(cells.map((cell) => cell.value)).toEqual(cells.map(() => 0));
  });

  it('goes back to one checkpoint any number of times', () => {
    const world = new World();
    const cell = new Cell(world, 'cell', 0);
    const mark = world.checkpoint();
    for (let round = 1; round <= 3; round++) {
      store(world, cell, round);
      world.restore(mark);
      expect([round, cell.value, world.steps]).toEqual([round, 0, 0]);
    }
  });

  it('makes what comes after equal: names, locations, violations', () => {
    const world = new World();
    const mark = world.checkpoint();
    const again = () => {
      const object = new KernelObject(world, 'thing');
      world.call('twice', function* twice() {
        yield* object.free();
        yield* object.free();
      });
      return { label: object.label, location: object.lifeLocation, violations: [...world.violations] };
    };
    const first = again();
    world.restore(mark);
    expect(world.violations).toEqual([]);
    expect(again()).toEqual(first);
  });

  it('takes state outside of cells along', () => {
    let memory = 0;
    const external: ExternalState = {
      checkpoint: () => memory,
      restore: (before) => {
        memory = before as number;
      },
      digest: () => memory,
    };
    const world = new World();
    world.attach(external);
    const mark = world.checkpoint();
    memory = 7;
    world.restore(mark);
    expect(memory).toBe(0);
  });
});

describe('an undo log', () => {
  it('keeps nothing before the first mark: ordinary use without checkpoints costs no memory', () => {
    const log = new UndoLog();
    const undone: unknown[] = [];
    const target: Undoable = { rollback: (before) => undone.push(before) };
    log.record(target, 'before the mark');
    const mark = log.mark();
    log.record(target, 'first');
    log.record(target, 'second');
    log.rollback(mark);
    expect(undone).toEqual(['second', 'first']);
  });
});
