import { describe, expect, it } from 'vitest';
import { InputError } from '../src/input-error';
import { selectCases } from '../src/select-cases';

const cases = ['map/basic', 'map/overlap', 'unmap/ranges-v1', 'unmap/ranges-v2', 'topology', 'c/1.2'].map(
  (id) => ({
    id,
  }),
);
const ids = (glob: string) => selectCases(cases, glob).map(({ id }) => id);

describe('selectCases', () => {
  it('takes an id, a pattern, all', () => {
    expect(ids('map/basic')).toEqual(['map/basic']);
    expect(ids('map/*')).toEqual(['map/basic', 'map/overlap']);
    expect(ids('*ranges-v?')).toEqual(['unmap/ranges-v1', 'unmap/ranges-v2']);
    expect(ids('*')).toHaveLength(6);
  });

  it('takes one of several profiles', () => {
    const recorded = ['old', 'new'].map((profile) => ({ id: 'map/basic', profile }));
    expect(selectCases(recorded, 'map/basic')).toEqual(recorded);
    expect(selectCases(recorded, 'new/map/*')).toEqual([{ id: 'map/basic', profile: 'new' }]);
  });

  it('takes other characters for themselves', () => {
    expect(ids('c/1.2')).toEqual(['c/1.2']);
    expect(() => ids('c/1.2.')).toThrow(InputError);
    expect(() => ids('map.basic')).toThrow(InputError);
    expect(() => ids('[tm]*')).toThrow(InputError);
  });

  it('refuses an id that does not exist, naming those that do', () => {
    expect(() => ids('nonesuch')).toThrow(
      '--case: no case has an id like "nonesuch"; ' +
        'there are: map/basic, map/overlap, unmap/ranges-v1, unmap/ranges-v2, topology and 1 more',
    );
    expect(() => selectCases([], '*', '--workload')).toThrow(
      '--workload: no case has an id like "*"; there are no cases',
    );
  });
});
