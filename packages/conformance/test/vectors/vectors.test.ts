/** Reading golden vectors, and holding core against them. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/input-error';
import { checkVector, readVectors } from '../../src/vectors/index';

const load = (file: string): string =>
  gunzipSync(readFileSync(new URL(`../../../core/test/vectors/${file}`, import.meta.url))).toString();

describe.each(['vtdss.jsonl.gz', 'faults-vtdss.jsonl.gz'])('%s', (file) => {
  const vectors = readVectors(load(file), file);
  it('comes out as it must, case by case', () => {
    const failed = vectors.map(checkVector).filter((result) => !('passed' in result && result.passed));
    expect(failed).toEqual([]);
  });
  it('has every case', () => {
    expect(vectors.length).toBe(file.startsWith('vtdss') ? 194 : 31);
  });
});

const MAP = { op: 'map', iova: '0x1000', pa: '0x5000', size: '0x1000', prot: 3, ret: 0, mapped: '0x1000' };
const VECTOR = {
  format: 'vtdss',
  case: 'x',
  source: 'by hand',
  config: { levels: 3, va: 39, oa: 52 },
  ops: [MAP],
  expect: {
    topLevel: 2,
    topBits: 9,
    roots: 1,
    tables: [
      [[], 0, 'T:0x3'],
      [[0], 0, 'T:0x3'],
      [[0, 0], 1, '0x5003'],
    ],
    walk: [{ iova: '0x1008', pa: '0x5008', level: 0, pageSize: '0x1000', perm: 'rw' }],
  },
};
const FAULT = {
  format: 'vtdss',
  case: 'f',
  note: '',
  source: 'by hand',
  config: { levels: 4, va: 48, oa: 52 },
  topLevel: 3,
  topBits: 9,
  image: [[[], 0, 'T:0x3']],
  access: { iova: '0x1000', type: 'w', user: true },
  expect: { pa: null, level: 2, fault: 'notpresent', vtd_legacy_reason: '0x5' },
};
const check = (vector: unknown) => checkVector(readVectors(JSON.stringify(vector), 'x')[0] as never);

describe('a difference', () => {
  it('in nothing passes', () => {
    expect(check(VECTOR)).toEqual({ id: 'vtdss/x', passed: true, failures: [] });
    expect(check(FAULT)).toEqual({ id: 'vtdss/f', passed: true, failures: [] });
  });
  it('in an answer, an entry, or a walk is named', () => {
    const { expect: wanted } = VECTOR;
    const wrong = {
      ...VECTOR,
      ops: [{ ...MAP, ret: 'EINVAL' }],
      expect: {
        ...wanted,
        tables: [...wanted.tables.slice(0, 2), [[0, 0], 1, '0x5001'], [[0, 0], 2, '0x6003']],
        walk: [{ iova: '0x1008', pa: null, level: 0, fault: 'notpresent' }],
      },
    };
    expect(check(wrong)).toMatchObject({
      passed: false,
      failures: [
        { what: 'ops[0] map 0x1000', expected: 'EINVAL, mapped 0x1000', actual: '0, mapped 0x1000' },
        { what: 'entry [0, 0] 1', expected: '0x5001', actual: '0x5003' },
        { what: 'entry [0, 0] 2', expected: '0x6003', actual: 'no entry' },
        { what: 'walk[0] 0x1008', expected: 'notpresent at level 0', actual: '0x5008 rw, 0x1000 at level 0' },
      ],
    });
  });
  it('in a fault is named', () => {
    const wrong = { ...FAULT, expect: { ...FAULT.expect, vtd_legacy_reason: '0x6' } };
    expect(check(wrong)).toMatchObject({
      passed: false,
      failures: [
        { what: 'access 0x1000', expected: 'fault 0x6', actual: 'fault 0x5' },
        { what: 'fault records', expected: 'fault 0x6', actual: 'fault 0x5' },
      ],
    });
  });
});

it('a format that the model lacks is skipped by name', () => {
  expect(check({ ...VECTOR, format: 'riscv' })).toEqual({
    id: 'riscv/x',
    skipped: 'the page-table format riscv is not implemented',
  });
});

describe('malformed input', () => {
  const message = (text: string): string => {
    try {
      readVectors(text, 'bad.jsonl');
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
    return 'was read';
  };
  const good = JSON.stringify(VECTOR);

  it.each([
    ['nothing', '\n', 'bad.jsonl: no vectors: the file is empty'],
    ['no JSON', `${good}\n{`, 'bad.jsonl:2: no JSON: each line must be one vector'],
    ['a number', '5', 'bad.jsonl:1: expected an object, got 5'],
    [
      'an unknown format',
      JSON.stringify({ ...VECTOR, format: 'vtds' }),
      'field format: expected one of the formats vtdss',
    ],
    ['a missing field', JSON.stringify({ ...VECTOR, ops: undefined }), 'bad.jsonl:1: field ops: missing'],
    ['a bad number', good.replace('"0x5000"', '"5000"'), 'field ops[0].pa: expected a hex string'],
    ['a bad entry', good.replace('T:0x3', 'T3'), 'field expect.tables[0][2]: expected an entry like'],
    [
      'a bad errno',
      good.replace('"ret":0', '"ret":"EOOPS"'),
      'field ops[0].ret: expected 0 or an errno name',
    ],
    [
      'a bad configuration',
      good.replace('"levels":3', '"levels":7'),
      'field config.levels: expected 3, 4 or 5 levels',
    ],
    [
      'an image with a gap',
      JSON.stringify({ ...FAULT, image: [[[1], 0, '0x3']] }),
      'field image[0]: no entry before it',
    ],
  ])('%s', (_, text, expected) => {
    expect(message(text)).toContain(expected);
  });
});
