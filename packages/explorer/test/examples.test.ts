/**
 * The examples of the README and of examples/explorer-*: they run, print what the README says, and their verdicts are
 * those that follow from counting the orders of their steps by hand.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { explore, type Finding, type Program } from '../src/index';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

interface Ran<T> {
  readonly module: T;
  readonly lines: readonly string[];
}

/** A module is run once in a process. */
const runs = new Map<string, Promise<Ran<unknown>>>();

/** Runs an example; what it exports, and what it printed. */
function run<T>(name: string): Promise<Ran<T>> {
  const known = runs.get(name) ?? load(name);
  runs.set(name, known);
  return known as Promise<Ran<T>>;
}

async function load(name: string): Promise<Ran<unknown>> {
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...words) => {
    printed.push(words.join(' '));
  });
  try {
    const module: unknown = await import(`../../../examples/explorer-${name}/main.mjs`);
    return { module, lines: printed.join('\n').split('\n') };
  } finally {
    log.mockRestore();
  }
}

interface Pair {
  readonly broken: Program;
  readonly repaired: Program;
}

/** Kind and number of executions of each finding, by both engines that run every trace once. */
function found(given: Program, executions: number): Record<string, number> {
  const results = (['optimal', 'source'] as const).map((engine) => explore(given, { engine }));
  for (const result of results) expect(result).toMatchObject({ verdict: 'COMPLETE', executions });
  const counts = (findings: readonly Finding[]) =>
    Object.fromEntries(findings.map((finding) => [finding.kind, finding.executions]));
  expect(counts(results[0]?.findings ?? [])).toEqual(counts(results[1]?.findings ?? []));
  return counts(results[0]?.findings ?? []);
}

describe('the README', () => {
  const blocks = [...text('../README.md').matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);

  it('shows the examples that are run here', () => {
    expect(blocks).toEqual(
      ['counter', 'ordinary'].map((name) => text(`../../../examples/explorer-${name}/main.mjs`)),
    );
  });

  it('shows what they print', async () => {
    const { lines } = await run('counter');
    for (const line of lines) expect(text('../README.md')).toContain(line);
    expect((await run('ordinary')).lines).toEqual(['returned 5 2']);
  });

  it('or docs/ name everything that the package exports', async () => {
    const documents = ['README.md', 'docs/primitives.md', 'docs/engines.md', 'docs/limits.md'];
    const words = new Set(documents.flatMap((path) => text(`../${path}`).split(/[^A-Za-z_]+/)));
    const unnamed = Object.keys(await import('../src/index')).filter((name) => !words.has(name));
    expect(unnamed).toEqual([]);
  });
});

it('counter: 4 traces, of which 2 lose an update', async () => {
  const { module, lines } = await run<{ counter: Program }>('counter');
  // Each thread reads and writes. One after the other: 2. Both read first: their writes come in 2 orders, and both
  // times the later one writes 1. The order of the reads nobody can tell.
  expect(found(module.counter, 4)).toEqual({ invariant: 2 });
  // The lowest deviation that shows it: the other thread goes on after the first read.
  expect(lines[1]).toMatch(/^invariant in 2 of them: the count is 1 \(v1:[0-9a-z]{6}:1\.1\)$/);
});

it('bank account: 4 traces, of which 2 pay too much; with a lock 2 traces', async () => {
  const { module, lines } = await run<Pair>('bank-account');
  // As with the counter. One after the other, the second one reads 40 and pays nothing; both reading 100, both pay.
  // The payments add up in either order, so their order makes no traces of its own.
  expect(found(module.broken, 4)).toEqual({ invariant: 2 });
  // Whose critical section comes first.
  expect(found(module.repaired, 2)).toEqual({});
  expect(lines[0]).toMatch(/^bank account: COMPLETE, 4 executions/);
  expect(lines[1]).toBe('invariant, in 2 executions: balance and payments add up to 160');
  expect(lines.filter((line) => line.startsWith('token: '))).toEqual([expect.stringMatching(/:1\.1$/)]);
  expect(lines.at(-1)).toMatch(/^bank account with a lock: COMPLETE, 2 executions/);
});

it('refcount race: 7 traces, of which 4 resurrect and 3 use what is freed; with a lock 3 traces', async () => {
  const { module, lines } = await run<Pair>('refcount-race');
  // The table is emptied before the look: 1. Else the reference is taken before the table's is put, and either of the
  // two puts comes last: 2. Or it is taken from zero, and the free comes before the get, the load or the put, or after
  // them all: 4, and only in the last is nothing used after the free.
  expect(found(module.broken, 1 + 2 + 4)).toEqual({ refcount: 4, 'use-after-free': 3 });
  // close first: 1. look first: the reference is taken, and either put comes last: 2.
  expect(found(module.repaired, 1 + 2)).toEqual({});
  expect(lines.filter((line) => line.startsWith('token: '))).toHaveLength(2);
  expect(lines.at(-1)).toMatch(/^reference taken under the lock: COMPLETE, 3 executions/);
});

it('lock inversion: 3 traces, of which 1 deadlocks; in one order 2 traces', async () => {
  const { module, lines } = await run<Pair>('lock-inversion');
  // Each lock is first taken by one of the two: 4 combinations. That each takes its second lock before the other takes
  // the same one first cannot be; that each takes its first lock before the other takes it second is the deadlock.
  expect(found(module.broken, 3)).toMatchObject({ deadlock: 1 });
  expect(Object.keys(found(module.broken, 3)).sort()).toEqual(['deadlock', 'lock-inversion']);
  expect(found(module.repaired, 2)).toEqual({});
  // The inversion shows in the first execution already, which does not deadlock.
  expect(explore(module.broken, { stopAtFirst: true })).toMatchObject({ executions: 1, deadlocks: 0 });
  expect(lines[0]).toMatch(/^the payer first: COMPLETE, 3 executions .*; 1 of them deadlock$/);
  expect(lines.at(-1)).toMatch(
    /^in the order of their names: COMPLETE, 2 executions .*; 0 of them deadlock$/,
  );
});
