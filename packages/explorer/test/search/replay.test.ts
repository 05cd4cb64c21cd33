/** Replays: what a list of deviations leads to, possible or not. */
import { describe, expect, it } from 'vitest';
import { Cell, Mutex, program, replay, type TraceEvent } from '../../src/index';

/** Two threads of three steps each under one lock. */
function locked() {
  return program('locked', (world) => {
    const mutex = new Mutex(world, 'm');
    const cell = new Cell(world, 'c', 0);
    const threads = ['a', 'b'].map((name) => ({
      name,
      *body() {
        yield* mutex.lock();
        yield* cell.store(1);
        yield* mutex.unlock();
      },
    }));
    return { threads };
  });
}

describe('a replay', () => {
  it('without deviations lets the lowest fiber run as long as it can', () => {
    const { schedule, preemptions, divergedAt, ending } = replay(locked(), []);
    expect({ schedule, preemptions, divergedAt, ending }).toEqual({
      schedule: [0, 0, 0, 1, 1, 1],
      preemptions: 0,
      divergedAt: null,
      ending: 'finished',
    });
  });

  it('takes the deviations that can be taken', () => {
    const { schedule, preemptions, divergedAt } = replay(locked(), [{ step: 0, fiber: 1 }]);
    // Nobody ran before: going first is no preemption.
    expect({ schedule, preemptions, divergedAt }).toEqual({
      schedule: [1, 1, 1, 0, 0, 0],
      preemptions: 0,
      divergedAt: null,
    });
  });

  it('ignores one to a fiber that waits, and says where', () => {
    const { schedule, divergedAt } = replay(locked(), [
      { step: 1, fiber: 1 },
      { step: 2, fiber: 1 },
    ]);
    expect(schedule).toEqual([0, 0, 0, 1, 1, 1]);
    expect(divergedAt).toBe(1);
  });

  it('ignores one to a fiber that does not exist or has ended', () => {
    expect(replay(locked(), [{ step: 0, fiber: 9 }])).toMatchObject({ divergedAt: 0 });
    expect(replay(locked(), [{ step: 4, fiber: 0 }])).toMatchObject({
      schedule: [0, 0, 0, 1, 1, 1],
      divergedAt: 4,
    });
  });

  it('goes on after a deviation that was not taken', () => {
    const { schedule, preemptions, divergedAt } = replay(locked(), [
      { step: 1, fiber: 1 },
      { step: 3, fiber: 1 },
    ]);
    expect({ schedule, preemptions, divergedAt }).toEqual({
      schedule: [0, 0, 0, 1, 1, 1],
      preemptions: 0,
      divergedAt: 1,
    });
  });

  it('says of a deviation beyond the end that it never came up', () => {
    expect(replay(locked(), [{ step: 60, fiber: 1 }])).toMatchObject({ divergedAt: 6 });
  });

  it('shows every event once and leaves the world as it was', () => {
    const given = locked();
    const events: TraceEvent[] = [];
    replay(given, [], { listener: (event) => events.push(event) });
    expect(events.filter(({ kind }) => kind === 'operation').map(({ fiber }) => fiber)).toEqual([
      ...['a', 'a', 'a'],
      ...['b', 'b', 'b'],
    ]);
    expect([given.world.mode, given.world.steps, given.world.listener]).toEqual(['ordinary', 0, null]);
  });

  it('ends after the step that it is told to end at', () => {
    const given = program('wrong', (world) => {
      const mutex = new Mutex(world, 'm');
      return {
        threads: [
          {
            name: 'a',
            *body() {
              yield* mutex.unlock();
              yield* mutex.lock();
            },
          },
        ],
      };
    });
    const { schedule, ending, violations } = replay(given, [], { until: () => true });
    expect([schedule, ending, violations.map(({ kind }) => kind)]).toEqual([[0], 'until', ['bad-unlock']]);
  });
});
