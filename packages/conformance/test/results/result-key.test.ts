/** ADR 12: what a result is the result of. */
import { referenceVariant } from '@iommu-lab/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import schema from '../../schema/results.schema.json';
import { FRONTENDS, parseResults, type ResultKey, resultKeyText, runCase, workloads } from '../../src/index';
import { exampleResults } from './example-results';

const PARTS = ['variant', 'era', 'frontend', 'machine', 'case'] as const;

/** Texts that a careless joining confuses: with separators and escapes of every kind in them. */
const part = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '%', '2', '0', '5', '/', '"'), minLength: 1 });
const key = fc.record({
  variant: part,
  era: part,
  frontend: fc.constantFrom(...FRONTENDS),
  machine: part,
  case: part,
});

describe('a result key', () => {
  it('has one text, and no other key has it', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const same = PARTS.every((name) => a[name] === b[name]);
        expect(resultKeyText(a) === resultKeyText(b)).toBe(same);
        expect(resultKeyText({ ...a })).toBe(resultKeyText(a));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(PARTS)('tells two results apart that differ in the %s alone', (name) => {
    fc.assert(
      fc.property(key, part, (a, other) => {
        fc.pre(a[name] !== other);
        const b = { ...a, [name]: other } as ResultKey;
        expect(resultKeyText(b)).not.toBe(resultKeyText(a));
      }),
    );
  });

  it('moves no text from one part to the next', () => {
    const of = (machine: string, id: string): ResultKey => ({
      variant: 'v',
      era: '6.12',
      frontend: 'type1',
      machine,
      case: id,
    });
    expect(resultKeyText(of('m', 'a b'))).not.toBe(resultKeyText(of('m a', 'b')));
    expect(resultKeyText(of('m', 'a%20b'))).not.toBe(resultKeyText(of('m', 'a b')));
  });
});

describe('results.json', () => {
  const { byWorkload } = schema.properties;

  it('demands every part of the key', () => {
    const demanded = [...byWorkload.items.required, ...byWorkload.items.properties.cells.items.required];
    expect(demanded).toEqual(expect.arrayContaining([...PARTS]));
  });

  it.each(PARTS)('refuses a result without its %s', (name) => {
    const json = JSON.parse(JSON.stringify(exampleResults));
    const [workload] = json.byWorkload;
    delete (name === 'variant' ? workload.cells[0] : workload)[name];
    expect(() => parseResults(json, 'r.json')).toThrow(/byWorkload\[0\].*missing/);
  });

  it('refuses two results of the same thing, and two names for different ones', () => {
    const [first, ...rest] = exampleResults.byWorkload;
    if (first === undefined) throw new Error('no workload');
    const parse = (workload: typeof first) => () =>
      parseResults({ ...exampleResults, byWorkload: [first, workload, ...rest] }, 'r.json');
    expect(parse({ ...first, id: 'another name' })).toThrow(
      'r.json: field byWorkload[1].cells[0].variant: a second result of group/attach 6.12 type1 debian-6.12-intel map/basic',
    );
    expect(parse({ ...first, era: '6.1' })).toThrow(
      'r.json: field byWorkload[1].id: a second result of map/basic',
    );
    expect(parse({ ...first, id: 'another name', era: '6.1' })).not.toThrow();
  });
});

describe('a run', () => {
  it('says of what its result is, as it was run', () => {
    for (const id of ['debian-6.1-intel', 'debian-6.12-intel']) {
      const one = workloads().find(({ profile }) => profile === id);
      if (one === undefined) throw new Error(`no workload of ${id}`);
      const eras = new Set<string | undefined>();
      const result = runCase(one, referenceVariant, {
        listener: ({ kind, name }) => {
          if (kind === 'call') eras.add(name.split('@')[1]);
        },
      });
      expect(result).toMatchObject({
        variant: 'testing/reference',
        frontend: 'type1',
        machine: id,
        case: one.id,
      });
      expect([...eras]).toEqual([result.era]);
    }
  });
});
