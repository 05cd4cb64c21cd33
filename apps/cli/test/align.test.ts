/** Aligning two lists: nothing is lost, nothing is out of order, what can stand together does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../src/render/trace/align';

const same = (a: string, b: string) => a === b;
const aligned = (left: string, right: string) => align([...left], [...right], same);
const shown = (left: string, right: string) =>
  aligned(left, right).map((row) => `${row.left ?? '-'}${row.right ?? '-'}`);

describe('align', () => {
  it('puts equal elements into one row', () => {
    expect(shown('abc', 'abc')).toEqual(['aa', 'bb', 'cc']);
    expect(shown('abc', 'ac')).toEqual(['aa', 'b-', 'cc']);
    expect(shown('ac', 'abc')).toEqual(['aa', '-b', 'cc']);
    expect(shown('axc', 'ayc')).toEqual(['aa', 'x-', '-y', 'cc']);
    expect(shown('', 'ab')).toEqual(['-a', '-b']);
    expect(shown('', '')).toEqual([]);
  });

  it('keeps both lists whole and in order, and pairs as many as a longest common subsequence has', () => {
    const list = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
    fc.assert(
      fc.property(list, list, (left, right) => {
        const rows = aligned(left, right);
        expect(rows.map((row) => row.left ?? '').join('')).toBe(left);
        expect(rows.map((row) => row.right ?? '').join('')).toBe(right);
        const pairs = rows.filter((row) => row.left !== null && row.right !== null);
        expect(pairs.every((row) => row.left === row.right)).toBe(true);
        expect(pairs).toHaveLength(longestCommon(left, right));
      }),
    );
  });
});

/** The textbook's recursion, without its table. */
function longestCommon(a: string, b: string): number {
  if (a === '' || b === '') return 0;
  if (a[0] === b[0]) return 1 + longestCommon(a.slice(1), b.slice(1));
  return Math.max(longestCommon(a.slice(1), b), longestCommon(a, b.slice(1)));
}
