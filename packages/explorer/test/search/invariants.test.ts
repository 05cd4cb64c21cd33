/**
 * Invariants over what several threads write: a partial-order search runs one order of independent steps, and sees the
 * states of that order alone. docs/limits.md says so, and what to do instead.
 */
import { describe, expect, it } from 'vitest';
import { Cell, explore, type Op, type Program, program, type Thread } from '../../src/index';

/** Two threads raise and lower a flag of their own; `raised` is broken where both are up. */
function flags(looking: 'invariant' | 'thread'): Program {
  return program(`flags, ${looking}`, (world) => {
    const [a, b] = [new Cell(world, 'a', 0), new Cell(world, 'b', 0)];
    const wrong = () => (a.value + b.value === 2 ? 'both are up' : null);
    const raise = (name: string, flag: Cell<number>): Thread => ({
      name,
      *body(): Op<void> {
        yield* flag.store(1);
        yield* flag.store(0);
      },
    });
    const observer: Thread = {
      name: 'observer',
      *body(): Op<void> {
        // One step: the load, and with it the other cell.
        const both = (yield* a.load()) + b.readInStep();
        if (both === 2) world.report('invariant', 'both are up', null);
      },
    };
    if (looking === 'invariant') world.invariants.push({ id: 'not both', check: wrong });
    const threads = [raise('one', a), raise('two', b)];
    return { threads: looking === 'thread' ? [...threads, observer] : threads };
  });
}

describe('an invariant over the cells of two threads', () => {
  it('is seen in every state by search by preemption bound', () => {
    const { verdict, findings } = explore(flags('invariant'), { engine: 'bounded', maxPreemptions: 9 });
    expect(verdict).toBe('COMPLETE');
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['invariant']));
  });

  it.each(['optimal', 'source'] as const)(
    'is seen by %s where a thread looks at both in one step',
    (engine) => {
      const { verdict, findings } = explore(flags('thread'), { engine });
      expect(verdict).toBe('COMPLETE');
      expect(findings.map(({ kind }) => kind)).toEqual(['invariant']);
    },
  );

  it.each(['optimal', 'source'] as const)(
    'is seen by %s only in the orders that it runs: here in none',
    (engine) => {
      expect(explore(flags('invariant'), { engine })).toMatchObject({ executions: 1, findings: [] });
    },
  );
});
