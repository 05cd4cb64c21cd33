/**
 * A guarded cell that only some orders access without its lock. Until one of them is run, accesses with the lock count
 * for nothing; then the search has to begin anew, or it misses the orders of those.
 */
import { describe, expect, it } from 'vitest';
import { Cell, explore, Mutex, type Op, program } from '../../src/index';
import { allInterleavings, runSchedules, type Subject } from '../oracle/brute-force';
import { searched } from '../oracle/searched';

/** The looker reads without the lock if it sees the flag; in the first execution that is run it comes too early. */
function late(): Subject {
  const seen = new Map<string, unknown>();
  let state = () => '';
  const made = program('late', (world) => {
    const lock = new Mutex(world, 'lock');
    const guarded = new Cell(world, 'guarded', 0, lock);
    const flag = new Cell(world, 'flag', false);
    state = () => `${guarded.value} ${JSON.stringify([...seen].sort())}`;
    function* underLock(value: number): Op<void> {
      yield* lock.lock();
      seen.set(`before ${value}`, yield* guarded.load());
      yield* guarded.store(value);
      yield* lock.unlock();
    }
    return {
      threads: [
        {
          name: 'looker',
          *body(): Op<void> {
            seen.delete('looker');
            if (yield* flag.load()) seen.set('looker', yield* guarded.load());
          },
        },
        {
          name: 'first',
          *body(): Op<void> {
            yield* underLock(1);
            yield* flag.store(true);
          },
        },
        {
          name: 'second',
          *body(): Op<void> {
            yield* underLock(2);
          },
        },
      ],
    };
  });
  return { program: made, outcome: () => state() };
}

describe.each(['optimal', 'source', 'bounded'] as const)('%s', (engine) => {
  it('begins anew and then shows what every interleaving shows', () => {
    const all = allInterleavings(late());
    const { result, schedules } = searched(late().program, engine, 20);
    expect(result.verdict).toBe('COMPLETE');
    expect(result.restarts).toBeGreaterThan(0);
    const run = runSchedules(late(), schedules);
    // The second subject learns which cell is shared while it runs; so its traces are looked at in a second run.
    const subject = late();
    runSchedules(subject, schedules);
    expect([...runSchedules(subject, schedules).traces.keys()].sort()).toEqual([...all.traces.keys()].sort());
    expect([...run.outcomes].sort()).toEqual([...all.outcomes].sort());
  });

  it('finds the data race of the look', () => {
    const { findings } = explore(late().program, { engine, maxPreemptions: 20 });
    expect(findings.map(({ kind, object }) => `${kind} ${object}`)).toEqual(['data-race guarded']);
  });
});

describe.each(['random', 'pct'] as const)('%s', (engine) => {
  it('forgets the runs before, too', () => {
    const { restarts, findings, executions } = explore(late().program, { engine, maxExecutions: 200 });
    expect(restarts).toBeGreaterThan(0);
    expect(executions).toBeLessThanOrEqual(200);
    expect(findings.map(({ kind, object }) => `${kind} ${object}`)).toEqual(['data-race guarded']);
  });
});
