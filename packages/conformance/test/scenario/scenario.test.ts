/** The grammar of scenarios: what it takes, what it refuses, and where it says the mistake is. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { documentSchemas } from '../../src/grammar/documents';
import { InputError } from '../../src/input-error';
import { scenarioNamed, scenarios } from '../../src/scenario/built-in';
import { parseScenario } from '../../src/scenario/scenario';

const open = { op: 'open_container', args: {}, out: { handle: 'c' } };
const setIommu = { op: 'VFIO_SET_IOMMU', args: { fd: 'c', type: 3 } };
const remove = { op: 'sysfs.remove', args: { dev: '0000:00:05.0' } };

const whole = {
  id: 'own/race',
  title: 'two things at once',
  profile: 'debian-6.12-intel',
  eras: { '6.1': 'the driver lets go first' },
  hazard: { id: 'H10b', varies: 'kernel' },
  setup: [open, { ...setIommu, ret: -1, errno: 'EINVAL' }],
  threads: [
    { name: 'T1', steps: [setIommu] },
    { name: 'T2', process: 'daemon', steps: [remove, { ...open, out: { handle: 'd' } }] },
  ],
  deciding: { use: { thread: 'T1', target: 'device:*' }, end: { thread: 'T2', operation: 'kfree' } },
  afterwards: [{ op: 'sysfs.rescan', args: {} }],
  looksFor: [
    { kind: 'use-after-free', object: 'device:*' },
    { kind: 'invariant', says: 'I1' },
  ],
};

describe('parseScenario', () => {
  it('takes the whole of it, and the least', () => {
    expect(parseScenario(whole, 's.json')).toEqual(whole);
    const { id, title, profile } = whole;
    const least = { id, title, profile, setup: [], threads: [{ name: 'T1', steps: [remove] }] };
    expect(parseScenario(least, 's.json')).toEqual(least);
  });

  const [first, second] = whole.threads;
  it.each([
    [{ threads: [] }, 'field threads: expected one to three threads, got []'],
    [
      { threads: [first, second, { ...first, name: 'T3' }, { ...first, name: 'T4' }] },
      'field threads: expected one to three threads, got [{"name":"T1"',
    ],
    [{ threads: [first, { ...second, name: 'T1' }] }, 'field threads[1].name: there is another thread "T1"'],
    [{ threads: [{ name: 'T1', steps: [] }] }, 'field threads[0].steps: expected a step, got []'],
    [
      { threads: [{ name: 'T1', steps: [{ ...setIommu, errno: null }] }] },
      'field threads[0].steps[0].errno: no such field (there are: op, args, out)',
    ],
    [
      {
        threads: [{ name: 'T1', steps: [remove, { op: 'eventfd.wait', args: { efd: 'e', timeout_ms: 1 } }] }],
      },
      'field threads[0].steps[1].op: eventfd.wait can stand in the set-up, not in a thread',
    ],
    [
      { threads: [{ name: 'T1', steps: [{ ...remove, args: { dev: 'mf0', async: true } }] }] },
      'field threads[0].steps[0].args.async: a thread waits by itself: nothing is started aside',
    ],
    [{ threads: [{ ...first, task: 'x' }] }, 'field threads[0].task: no such field'],
    [{ setup: [{ ...open, op: 'open_box' }] }, 'field setup[0].op: unknown operation "open_box"'],
    [{ setup: [{ ...open, args: { a: 1 } }] }, 'field setup[0].args.a: no such field'],
    [{ hazard: { id: 'X1', varies: 'kernel' } }, 'field hazard.id: expected a hazard like "H01", got "X1"'],
    [
      { hazard: { id: 'H01', varies: 'moon' } },
      'field hazard.varies: expected ("design" | "kernel"), got "moon"',
    ],
    [{ eras: { '2.4': 'x' } }, 'field eras.2.4: no such field'],
    [{ looksFor: [{ kind: 'sadness' }] }, 'field looksFor[0].kind: expected ("use-after-free" | '],
    [{ looksFor: [] }, 'field looksFor: expected a violation, got []'],
    [{ afterwards: [{ op: 'x', args: {} }] }, 'field afterwards[0].op: unknown operation "x"'],
    [
      { deciding: { use: { thread: 'T9' }, end: {} } },
      'field deciding.use.thread: there is no thread "T9"; there are: T1, T2',
    ],
    [{ deciding: { use: {} } }, 'field deciding.end: missing'],
    [{ needs: [] }, 'field needs: no such field'],
  ])('refuses %j', (change, message) => {
    const read = () => parseScenario({ ...whole, ...change }, 's.json');
    expect(read).toThrow(InputError);
    expect(read).toThrow(`s.json: ${message}`);
  });

  it.each(['id', 'title', 'profile', 'setup', 'threads'])('refuses one without %s', (key) => {
    const rest = Object.fromEntries(Object.entries(whole).filter(([each]) => each !== key));
    expect(() => parseScenario(rest, 's.json')).toThrow(`s.json: field ${key}: missing`);
  });
});

describe('the schema of a scenario', () => {
  const takes = (json: unknown) => v.is(documentSchemas.scenario, json);
  const reads = (json: unknown) => {
    try {
      parseScenario(json, 's');
      return true;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  };
  const paths: (string | number)[][] = [];
  const collect = (value: unknown, path: (string | number)[]) => {
    if (path.length > 0) paths.push(path);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      collect(each, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  };
  collect(whole, []);

  it('takes the whole of it and every one that comes with the suite', () => {
    for (const one of [whole, ...scenarios()]) expect([one.id, takes(one)]).toEqual([one.id, true]);
  });

  it('takes what the reader takes of a damaged one, and refuses what it refuses', () => {
    // Two rules that a schema cannot say: which threads there are, and that an errno stands beside ret -1 alone.
    const tried = paths.filter((path) => !path.some((key) => key === 'errno' || key === 'ret'));
    const values = fc.constantFrom(
      undefined,
      12,
      'x',
      '',
      null,
      [],
      {},
      { async: true },
      'eventfd.wait',
      'T1',
    );
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...tried), values, (path, value) => {
        const damaged = structuredClone(whole) as unknown;
        const last = path.at(-1) as string;
        const holder = path.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], damaged);
        if (value === undefined && !Array.isArray(holder)) delete (holder as Record<string, unknown>)[last];
        else (holder as Record<string, unknown>)[last] = value;
        if (/(^|\.)(thread|name)$/.test(path.join('.')) && typeof value === 'string') return;
        if (path.at(-1) === 'name' || Array.isArray(value)) return;
        const read = reads(damaged);
        if (!read) refused++;
        expect([path, value, takes(damaged)]).toEqual([path, value, read]);
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(500);
  });
});

describe('the scenarios that come with the suite', () => {
  it('are the files in scenarios/, by their ids', () => {
    const files = readdirSync(join(import.meta.dirname, '../../scenarios'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.replace(/\.json$/, ''));
    expect(
      scenarios()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(files.sort());
  });

  it('are found by id; an unknown one names those there are', () => {
    expect(scenarioNamed('map-vs-dma', 'x').id).toBe('map-vs-dma');
    expect(() => scenarioNamed('moon', 'SCENARIO')).toThrow(
      /^SCENARIO: unknown scenario "moon"; there are: set-iommu-vs-remove-undriven-member, /,
    );
  });
});
