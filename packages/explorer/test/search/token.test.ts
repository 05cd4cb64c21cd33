/** Tokens: written and read back, and told what is wrong with them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatToken, parseToken, programHash, UsageError } from '../../src/index';

const deviation = fc.record({ step: fc.nat(100_000), fiber: fc.nat(30) });

describe('a token', () => {
  it('says its program and its deviations', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(deviation), (id, deviations) => {
        expect(parseToken(formatToken(id, deviations))).toEqual({ program: programHash(id), deviations });
      }),
    );
  });

  it('is written in base 36, and 0 for none', () => {
    const hash = programHash('p');
    expect(formatToken('p', [{ step: 35, fiber: 1 }])).toBe(`v1:${hash}:z.1`);
    expect(formatToken('p', [])).toBe(`v1:${hash}:0`);
  });

  it('has another hash for another program', () => {
    const hashes = Array.from({ length: 2000 }, (_, number) => programHash(`program ${number}`));
    expect(new Set(hashes).size).toBe(2000);
  });

  it.each([
    ['', 'expected v1:<scenario>:<deviations>'],
    ['v2:abcdef:0', 'expected v1:<scenario>:<deviations>'],
    ['v1:abcdef', 'expected v1:<scenario>:<deviations>'],
    ['v1:abcdef:0:0', 'expected v1:<scenario>:<deviations>'],
    ['v1:abcde:0', 'six letters or digits for the scenario, got "abcde"'],
    ['v1:ABCDEF:0', 'six letters or digits for the scenario, got "ABCDEF"'],
    ['v1:abcdef:', 'expected step.fiber, got ""'],
    ['v1:abcdef:1.1-2', 'expected step.fiber, got "2"'],
    ['v1:abcdef:1.1--2.1', 'expected step.fiber, got ""'],
    ['v1:abcdef:1.1-2.x!', 'expected step.fiber, got "2.x!"'],
  ])('that is wrong (%s) says which part', (text, complaint) => {
    expect(() => parseToken(text)).toThrow(UsageError);
    expect(() => parseToken(text)).toThrow(complaint);
  });
});
