import { describe, expect, it } from 'vitest';
import { hazards } from '../src/hazards/catalogue';
import { parseHazards } from '../src/hazards/hazard';

const whole = {
  id: 'H01',
  title: 'a pointer',
  varies: 'design',
  eras: ['6.12'],
  mutants: ['m'],
  remark: 'r',
};

describe('the catalogue of hazards', () => {
  it('tells those that are judged from those that are pending', () => {
    const rest = { id: 'H02', title: 'a bus' };
    expect(parseHazards([whole, rest], 'h.json')).toEqual({ judged: [whole], pending: [rest] });
  });

  it.each([
    [{ ...whole, id: 'X1' }, 'field [0].id: expected a hazard like "H01", got "X1"'],
    [{ ...whole, eras: [] }, 'field H01.eras: expected an era, got []'],
    [{ ...whole, eras: ['2.4'] }, 'field H01.eras[0]: expected ("5.10" | '],
    [{ ...whole, mutants: [] }, 'field H01.mutants: expected a mutant, got []'],
    [{ ...whole, varies: 'moon' }, 'field H01.varies: expected ("design" | "kernel"), got "moon"'],
    [{ id: 'H01', title: 'x', threads: [] }, 'field H01.threads: no such field'],
  ])('refuses %j', (one, message) => {
    expect(() => parseHazards([one], 'h.json')).toThrow(`h.json: ${message}`);
  });

  it('that comes with the suite can be read', () => {
    expect(hazards().length).toBeGreaterThan(0);
  });
});
