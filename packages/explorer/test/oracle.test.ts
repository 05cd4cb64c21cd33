/** The measure that the engines are held against is itself held against what can be counted by hand. */
import { describe, expect, it } from 'vitest';
import type { Program } from '../src/index';
import { allInterleavings, runSchedules } from './oracle/brute-force';
import { mutexOrder } from './programs/mutex-order';
import { philosophers } from './programs/philosophers';
import { readers } from './programs/readers';

const silent = (program: Program) => ({ program, outcome: () => '' });
const explored = (program: Program) => allInterleavings(silent(program));

describe('all interleavings', () => {
  it.each([
    ['four steps that are all ready: 4!', readers(3), 24],
    ['three critical sections: 3!, each time with 2 others waiting', mutexOrder(3), 6],
  ])('are counted: %s', (_, program, interleavings) => {
    expect(explored(program).executions).toBe(interleavings);
  });

  it('fall into the traces that can be told apart', () => {
    expect(explored(readers(3)).traces.size).toBe(2 ** 3);
    expect(explored(mutexOrder(3)).traces.size).toBe(6);
  });

  it('include those that end in a deadlock', () => {
    const result = explored(philosophers(3));
    expect([...result.outcomes].filter((outcome) => outcome.startsWith('stuck'))).toEqual([
      'stuck philosopher0 philosopher1 philosopher2; ',
    ]);
  });
});

describe('schedules', () => {
  it('are run as they are', () => {
    const result = runSchedules(silent(readers(2)), [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
    ]);
    expect([...result.traces.values()].sort()).toEqual([1, 2]);
  });

  it('that cannot be run, or stop early, are refused', () => {
    expect(() => runSchedules(silent(mutexOrder(2)), [[0, 1]])).toThrow(/cannot be run/);
    expect(() => runSchedules(silent(readers(1)), [[0]])).toThrow(/no whole execution/);
  });
});
