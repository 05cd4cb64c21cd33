import { describe, expect, it } from 'vitest';
import { clipToAperture, excludeReserved, rangesContain } from '../../src/type1/iova-ranges';

const APERTURE = { first: 0n, last: 0x7fffffffffn };
const MSI = { first: 0xfee00000n, last: 0xfeefffffn, type: 'msi' } as const;

describe('valid iova ranges', () => {
  it('are the aperture without the reserved regions', () => {
    expect(excludeReserved(clipToAperture([], APERTURE), [MSI])).toEqual([
      { first: 0n, last: 0xfedfffffn },
      { first: 0xfef00000n, last: 0x7fffffffffn },
    ]);
  });

  it('keep what the user may override', () => {
    const relaxable = { first: 0n, last: 0xffffn, type: 'direct-relaxable' } as const;
    expect(excludeReserved([APERTURE], [relaxable])).toEqual([APERTURE]);
    expect(excludeReserved([APERTURE], [{ ...relaxable, type: 'direct' }])).toEqual([
      { first: 0x10000n, last: 0x7fffffffffn },
    ]);
  });

  it('lose what a smaller aperture does not reach', () => {
    const ranges = [
      { first: 0n, last: 0xfffn },
      { first: 0x2000n, last: 0x5fffn },
      { first: 0x8000n, last: 0x8fffn },
    ];
    expect(clipToAperture(ranges, { first: 0x3000n, last: 0x4fffn })).toEqual([
      { first: 0x3000n, last: 0x4fffn },
    ]);
    expect(clipToAperture(ranges, { first: 0x6000n, last: 0x7fffn })).toEqual([]);
  });

  it('must not be used up', () => {
    expect(excludeReserved([{ first: 0x1000n, last: 0x1fffn }], [{ ...MSI, first: 0n, last: 0xffffn }])).toBe(
      'EINVAL',
    );
  });

  it('cut a range at either end or take all of it', () => {
    const range = { first: 0x1000n, last: 0x4fffn };
    const without = (first: bigint, last: bigint) =>
      excludeReserved([range], [{ first, last, type: 'reserved' }]);
    expect(without(0n, 0x1fffn)).toEqual([{ first: 0x2000n, last: 0x4fffn }]);
    expect(without(0x4000n, 0x9fffn)).toEqual([{ first: 0x1000n, last: 0x3fffn }]);
    expect(without(0x5000n, 0x9fffn)).toEqual([range]);
    expect(without(0n, 0xfffn)).toEqual([range]);
  });

  it('hold whole requests only; no ranges hold everything', () => {
    const ranges = [
      { first: 0n, last: 0xfffn },
      { first: 0x1000n, last: 0x1fffn },
    ];
    expect(rangesContain(ranges, 0n, 0xfffn)).toBe(true);
    expect(rangesContain(ranges, 0x800n, 0x17ffn)).toBe(false);
    expect(rangesContain(ranges, 0x1000n, 0x2000n)).toBe(false);
    expect(rangesContain([], 0n, 0xffffffffffffffffn)).toBe(true);
  });
});
