/** What a verdict admits: cuts, starvation, what is not under control, and misuse. */
import { describe, expect, it } from 'vitest';
import {
  Cell,
  type Engine,
  explore,
  exploreTwice,
  Mutex,
  type Op,
  type Program,
  type ProgramParts,
  program,
  UsageError,
  type World,
} from '../../src/index';
import { philosophers } from '../programs/philosophers';

const EXHAUSTIVE = ['optimal', 'source', 'bounded'] as const;

describe('an execution that is cut', () => {
  const spinning = () =>
    program('spin on each other', (world) => {
      const flags = { a: new Cell(world, 'a', 0), b: new Cell(world, 'b', 0) };
      const spin = (own: 'a' | 'b', others: 'a' | 'b') => ({
        name: own,
        *body(): Op<void> {
          while ((yield* flags[own].load()) === 0);
          yield* flags[others].store(1);
        },
      });
      return { threads: [spin('a', 'b'), spin('b', 'a')] };
    });

  it.each(EXHAUSTIVE)('by %s, in which nobody ends under a fair schedule either, is starvation', (engine) => {
    const result = explore(spinning(), { engine, maxSteps: 30, maxExecutions: 5 });
    expect(result.verdict).toBe('BOUNDED');
    expect(result.reason).toBe(`${result.cut} executions were cut after 30 steps`);
    expect(result.findings.map(({ kind }) => kind)).toEqual(['starvation']);
    expect(result.findings[0]?.message).toContain('a in a, b in b');
  });

  it.each(EXHAUSTIVE)('by %s, and would have ended, is only cut', (engine) => {
    const long = program('long', (world) => {
      const cell = new Cell(world, 'cell', 0);
      return {
        threads: [
          {
            name: 'long',
            *body(): Op<void> {
              for (let step = 0; step < 50; step++) yield* cell.store(step);
            },
          },
        ],
      };
    });
    const cut = explore(long, { engine, maxSteps: 30 });
    expect(cut).toMatchObject({ verdict: 'BOUNDED', cut: 1, findings: [] });
    expect(explore(long, { engine, maxSteps: 50 })).toMatchObject({ verdict: 'COMPLETE', cut: 0 });
  });
});

describe('samples', () => {
  const schedulesOf = (engine: Engine, seed: number) => {
    const schedules: string[] = [];
    const observe = ({ schedule }: { schedule: () => readonly number[] }) => {
      schedules.push(schedule().join(''));
    };
    const result = explore(philosophers(3), { engine, seed, maxExecutions: 50, observe });
    return { result, schedules };
  };

  it.each(['random', 'pct'] as const)(
    'of %s are the same for the same seed, and others for another',
    (engine) => {
      expect(schedulesOf(engine, 7)).toEqual(schedulesOf(engine, 7));
      expect(schedulesOf(engine, 7).schedules).not.toEqual(schedulesOf(engine, 8).schedules);
    },
  );

  it.each(['random', 'pct'] as const)('of %s are SAMPLED, with a stated chance', (engine) => {
    const { result } = schedulesOf(engine, 1);
    expect(result).toMatchObject({ verdict: 'SAMPLED', executions: 50 });
    expect(result.reason).toMatch(
      engine === 'pct' ? /P\(miss .*\) <= \(1 - 1\/\(3\*\d+\^2\)\)\^\d+$/ : /n\^-k$/,
    );
  });
});

/** Two threads on two cells; `runs` counts how often the program was started, outside of its world. */
function uncontrolled(differs: (runs: number) => boolean): Program {
  let runs = 0;
  return program('uncontrolled', (world) => {
    const [x, y] = [new Cell(world, 'x', 0), new Cell(world, 'y', 0)];
    return {
      threads: [
        {
          name: 'a',
          *body(): Op<void> {
            runs++;
            yield* x.store(1);
            if (differs(runs)) yield* y.store(1);
            yield* y.load();
          },
        },
        {
          name: 'b',
          *body(): Op<void> {
            yield* x.load();
            yield* y.store(1);
          },
        },
      ],
    };
  });
}

describe('a program that keeps something outside of its world', () => {
  const cases = [
    ['at every other run', (runs: number) => runs % 2 === 0],
    ['at the first run only', (runs: number) => runs === 1],
    ['from the third run on', (runs: number) => runs > 2],
    ['from the fifth run on', (runs: number) => runs > 4],
    ['from the eighth run on', (runs: number) => runs > 7],
  ] as const;

  it.each(EXHAUSTIVE.flatMap((engine) => cases.map(([when, differs]) => [engine, when, differs] as const)))(
    'is caught by %s, when it does something else %s',
    (engine, _, differs) => {
      const result = explore(uncontrolled(differs), { engine, maxPreemptions: 20 });
      expect(result.differing).toBeGreaterThan(0);
      expect(result.verdict).toBe('BOUNDED');
      expect(result.reason).toBe(
        `${result.differing} of ${result.repeated} executions went differently when repeated`,
      );
    },
  );

  it('is not accused when it does the same every time', () => {
    for (const engine of EXHAUSTIVE) {
      const result = explore(
        uncontrolled(() => false),
        { engine, maxPreemptions: 20 },
      );
      expect(result).toMatchObject({ verdict: 'COMPLETE', differing: 0 });
      expect(result.repeated).toBe(result.executions + 1);
    }
  });
});

describe('an unlock by one who does not hold the lock', () => {
  it.each(EXHAUSTIVE)('is a finding of %s, and COMPLETE is not claimed', (engine) => {
    const stray = program('stray', (world) => {
      const lock = new Mutex(world, 'm');
      return {
        threads: [
          {
            name: 'owner',
            *body(): Op<void> {
              yield* lock.lock();
              yield* lock.unlock();
            },
          },
          {
            name: 'stranger',
            *body(): Op<void> {
              yield* lock.unlock();
            },
          },
        ],
      };
    });
    const result = explore(stray, { engine, maxPreemptions: 20 });
    expect(result.findings.map(({ kind }) => kind)).toContain('bad-unlock');
    expect(result.verdict).toBe('BOUNDED');
    expect(result.reason).toContain('an unlock by one who does not hold the lock');
  });
});

describe('the first violation', () => {
  it('ends the search that asks for it, a lock inversion too', () => {
    // Under one lock nobody can deadlock: the inversion is all there is.
    const inverted = program('inverted', (world) => {
      const [gate, one, two] = ['gate', 'one', 'two'].map((name) => new Mutex(world, name)) as [
        Mutex,
        Mutex,
        Mutex,
      ];
      const both = (first: Mutex, second: Mutex) =>
        function* (): Op<void> {
          for (const lock of [gate, first, second]) yield* lock.lock();
          for (const lock of [second, first, gate]) yield* lock.unlock();
        };
      return {
        threads: [
          { name: 'a', body: both(one, two) },
          { name: 'b', body: both(two, one) },
          { name: 'c', body: both(two, one) },
        ],
      };
    });
    expect(explore(inverted)).toMatchObject({ verdict: 'COMPLETE', executions: 6 });
    const stopped = explore(inverted, { stopAtFirst: true });
    expect(stopped).toMatchObject({ verdict: 'BOUNDED', executions: 1 });
    expect(stopped.findings.map(({ kind }) => kind)).toEqual(['lock-inversion']);
  });
});

describe('a program that cannot be explored', () => {
  const nothing = { name: 'nothing', *body(): Op<void> {} };
  const of = (parts: ProgramParts) => program('wrong', (_: World) => parts);
  const many = Array.from({ length: 32 }, (_, number) => ({ ...nothing, name: `t${number}` }));

  it.each([
    ['no threads', of({ threads: [] })],
    ['two threads called nothing', of({ threads: [nothing, nothing] })],
    ['32 threads; 31 are the most', of({ threads: many })],
  ])('has %s', (complaint, given) => {
    for (const engine of [...EXHAUSTIVE, 'random', 'pct'] as const) {
      expect(() => explore(given, { engine })).toThrow(UsageError);
      expect(() => explore(given, { engine })).toThrow(complaint);
    }
  });

  it('31 threads are not too many', () => {
    expect(explore(of({ threads: many.slice(1) })).verdict).toBe('COMPLETE');
  });
});

describe('two engines', () => {
  it('that agree say so beside the verdict', () => {
    const { verdict, agreement } = exploreTwice(philosophers(3));
    expect(verdict).toBe('COMPLETE');
    expect(agreement).toEqual({
      engines: ['optimal', 'source'],
      executions: [7, 7],
      agree: true,
      differences: [],
    });
  });

  it('that were not complete agree on nothing', () => {
    const { agreement } = exploreTwice(philosophers(3), { maxExecutions: 2 });
    expect(agreement.agree).toBe(false);
    expect(agreement.differences[0]).toMatch(/^neither is complete: /);
  });

  /** Two executions for each engine; what `atEnd` does depends on how many there were before. */
  const counted = (atEnd: (ends: number, world: World) => void, more: () => boolean = () => false) =>
    program('counted', (world) => {
      let ends = 0;
      const cell = new Cell(world, 'cell', 0);
      return {
        threads: [
          {
            name: 'a',
            *body(): Op<void> {
              yield* cell.store(1);
              if (more()) yield* cell.store(2);
            },
          },
          {
            name: 'b',
            *body(): Op<void> {
              yield* cell.load();
            },
          },
        ],
        atEnd: () => atEnd(++ends, world),
      };
    });

  it('that find different things say which of them did', () => {
    const given = counted((ends, world) => {
      if (ends > 2) world.report('invariant', 'too late', 'cell');
    });
    const { findings, agreement } = exploreTwice(given);
    expect(findings).toEqual([]);
    expect(agreement).toMatchObject({ executions: [2, 2], agree: false });
    expect(agreement.differences).toEqual(['only source found invariant too late']);
  });

  it('of which only one is complete say so', () => {
    let grown = false;
    const given = counted(
      (ends) => {
        grown = ends >= 2;
      },
      () => grown,
    );
    const { agreement } = exploreTwice(given);
    expect(agreement.differences).toEqual(['optimal says BOUNDED, source COMPLETE']);
  });
});
