/** Counterexamples: what happened in words, with the numbers of the steps that the columns show. */
import { describe, expect, it } from 'vitest';
import {
  Cell,
  type Counterexample,
  columns,
  counterexampleAt,
  counterexampleOf,
  Execution,
  explore,
  LeakCheck,
  Mutex,
  type Op,
  PlainCell,
  type Program,
  parseToken,
  program,
  type ViolationKind,
} from '../../src/index';
import { philosophers } from '../programs/philosophers';
import { registry } from '../programs/registry';

function toldOf(given: Program, kind: ViolationKind): Counterexample {
  const finding = explore(given).findings.find((one) => one.kind === kind);
  if (finding === undefined) throw new Error(`${given.id} shows no ${kind}`);
  const told = counterexampleOf(given, finding);
  if (told === null) throw new Error(`${given.id}: a replay shows no ${kind}`);
  return told;
}

describe('the story of a use-after-free', () => {
  const told = toldOf(registry('nothing'), 'use-after-free');

  it('says who read the pointer, who freed the object and who used it, at which steps', () => {
    // reader: 0 lock (with the read), 1 unlock; remover: 2 lock, 3 unlock, 4 put, 5 kfree; reader: 6 load.
    expect(told.schedule).toEqual([0, 0, 1, 1, 1, 1, 0]);
    expect(told.story).toEqual([
      'remover freed thing:only at step 5 while reader still held the pointer that it read at step 0 ' +
        '(registry.pointer in use_unprotected); no lock ordered the two',
      'reader used it at step 6: use_unprotected: load thing:only.value touches thing:only, freed by remove',
    ]);
  });

  it('names the lock and the reference that would have prevented it', () => {
    expect(told.remedy).toBe(
      'registry.lock, held by reader at the read and taken by remover at step 2 on the way to the free, would have ' +
        'ordered them if held from the read to the use; or a reference on thing:only.references, taken before step 4 ' +
        'and put after the use, would have kept it',
    );
  });

  it('is told again from its token, in a program built anew', () => {
    const { deviations } = parseToken(told.token);
    const again = counterexampleAt(new Execution(registry('nothing')), deviations);
    expect(again).toEqual(told);
  });

  it('is absent where the violation is: the same token on the repaired program', () => {
    const { deviations } = parseToken(told.token);
    expect(counterexampleAt(new Execution(registry('lock')), deviations)).toBeNull();
  });
});

describe('columns', () => {
  const { threads, events } = toldOf(registry('nothing'), 'use-after-free');

  it.each([80, 120])('keep to %i characters, a column for each thread, a line for each step', (width) => {
    const lines = columns(threads, events, width);
    const column = Math.floor((width - 4 - 2 * 2) / 2);
    expect(lines).toHaveLength(1 + 7);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    expect(lines[0]).toBe(`step  ${'reader'.padEnd(column)}  remover`);
    const steps = lines.slice(1).map((line) => [Number(line.slice(0, 4)), line.slice(6).search(/\S/)]);
    const right = column + 2;
    expect(steps).toEqual([
      [0, 0],
      [1, 0],
      [2, right],
      [3, right],
      [4, right],
      [5, right],
      [6, 0],
    ]);
  });

  it('cut a long text in its middle: both the operation and what of the object it was stay', () => {
    const [, ...lines] = columns(threads, events, 46);
    expect(lines[2]).toMatch(/^ {3}2 {23}mutex_loc.*….*ry\.lock$/);
  });

  it('show calls, returns and accesses under the lock where asked to', () => {
    const all = columns(threads, events, 120, 'all').map((line) => line.trim());
    expect(all.some((line) => line.startsWith('use_unprotected('))).toBe(true);
    expect(all).toContain('load registry.pointer = thing:only');
    expect(all.length).toBeGreaterThan(columns(threads, events, 120).length);
  });
});

describe('other kinds', () => {
  it('a deadlock: who holds what since when, and waits for what', () => {
    const { story, schedule } = toldOf(philosophers(2), 'deadlock');
    expect(story).toHaveLength(2);
    expect(new Set(schedule).size).toBe(2);
    for (const wait of story)
      expect(wait).toMatch(/waits in mutex_lock .*, holding .* taken at step [01] in /);
  });

  it('a data race is shown, with both sides', () => {
    const given = program('racy', (world) => {
      const lock = new Mutex(world, 'm');
      const plain = new PlainCell(world, 'plain', 0);
      return {
        threads: [
          {
            name: 'writer',
            *body(): Op<void> {
              yield* lock.lock();
              yield* plain.store(1);
              yield* lock.unlock();
            },
          },
          {
            name: 'reader',
            *body(): Op<void> {
              yield* plain.load();
            },
          },
        ],
      };
    });
    const { story, events } = toldOf(given, 'data-race');
    expect(story).toEqual(['writer writes plain and reader reads it; nothing orders the two']);
    expect(events.filter(({ target }) => target === 'plain').map(({ fiber }) => fiber)).toHaveLength(2);
  });

  it('a data race on a guarded cell is shown again from its token, in a program built anew', () => {
    const build = () =>
      program('unguarded', (world) => {
        const lock = new Mutex(world, 'm');
        const guarded = new Cell(world, 'guarded', 0, lock);
        return {
          threads: [
            {
              name: 'holder',
              *body(): Op<void> {
                yield* lock.lock();
                yield* guarded.store(1);
                yield* lock.unlock();
              },
            },
            {
              name: 'other',
              *body(): Op<void> {
                yield* guarded.load();
              },
            },
          ],
        };
      });
    const told = toldOf(build(), 'data-race');
    const again = counterexampleAt(new Execution(build()), parseToken(told.token).deviations);
    expect(again?.violation.message).toBe(told.violation.message);
  });

  it('what is wrong at the end is nobody in particular', () => {
    const given = program('wrong at the end', (world) => {
      const leaks = new LeakCheck(world);
      const cell = new Cell(world, 'cell', 0);
      return {
        threads: [
          {
            name: 'only',
            *body(): Op<void> {
              yield* cell.store(1);
            },
          },
        ],
        atEnd: () => {
          leaks.check();
          world.report('invariant', 'one is not two', 'cell');
        },
      };
    });
    expect(toldOf(given, 'invariant').story).toEqual(['one is not two']);
  });

  it('starvation is shown as it was found, without trying to make it shorter', () => {
    const given = program('spin', (world) => {
      const flag = new Cell(world, 'flag', 0);
      return {
        threads: [
          {
            name: 'only',
            *body(): Op<void> {
              while ((yield* flag.load()) === 0);
            },
          },
        ],
      };
    });
    const { findings } = explore(given, { maxSteps: 20, maxExecutions: 1 });
    const [finding] = findings;
    expect(finding?.kind).toBe('starvation');
    const told = counterexampleOf(given, finding as NonNullable<typeof finding>);
    expect(told?.schedule).toHaveLength(20);
  });
});
