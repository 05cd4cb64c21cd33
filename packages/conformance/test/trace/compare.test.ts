import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareStep } from '../../src/trace/compare';

const ok = { ret: 0, errno: null } as const;

describe('compareStep', () => {
  it('finds ret and errno that differ', () => {
    expect(compareStep({ ret: -1, errno: 'EINVAL' }, { ret: -1, errno: 'EINVAL' })).toEqual([]);
    expect(compareStep({ ret: -1, errno: 'EINVAL' }, { ret: -1, errno: 'EEXIST' })).toEqual([
      { field: 'errno', expected: 'EINVAL', actual: 'EEXIST' },
    ]);
    expect(compareStep(ok, { ret: -1, errno: 'EBUSY' })).toEqual([
      { field: 'ret', expected: 0, actual: -1 },
      { field: 'errno', expected: null, actual: 'EBUSY' },
    ]);
  });

  it('compares only what is expected', () => {
    expect(compareStep({}, { ret: -1, errno: 'EBUSY', out: { size: '0x1' } })).toEqual([]);
    expect(compareStep({ errno: 'EBUSY' }, { ret: -1, errno: 'EBUSY' })).toEqual([]);
    expect(compareStep(ok, { ...ok, out: { viable: true, container_set: false } })).toEqual([]);
  });

  it('compares out key by key', () => {
    const expected = { ...ok, out: { viable: true, container_set: false } };
    expect(compareStep(expected, { ...ok, out: { viable: true, container_set: false } })).toEqual([]);
    expect(compareStep(expected, { ...ok, out: { viable: true, container_set: true } })).toEqual([
      { field: 'out.container_set', expected: false, actual: true },
    ]);
    expect(compareStep(expected, ok)).toEqual([
      { field: 'out.viable', expected: true, actual: undefined },
      { field: 'out.container_set', expected: false, actual: undefined },
    ]);
  });

  it('does not compare names that the step gives', () => {
    expect(compareStep({ ...ok, out: { handle: 'c', id: 'd' } }, ok)).toEqual([]);
  });

  it('compares hex strings by value', () => {
    const size = (text: string) => ({ ...ok, out: { size: text } });
    expect(compareStep(size('0x00ff'), size('0xFF'))).toEqual([]);
    expect(compareStep(size('phys(0x0010)'), size('phys(0x10)'))).toEqual([]);
    expect(compareStep(size('0x10'), size('phys(0x10)'))).toHaveLength(1);
    expect(compareStep(size('0x10'), { ...ok, out: { size: 16 } })).toHaveLength(1);
    expect(compareStep(size('0xffffffffffffffff'), size('0xfffffffffffffffe'))).toHaveLength(1);
    expect(compareStep(size('none'), size('None'))).toHaveLength(1);
  });

  it('agrees with numbers about any two hex strings', () => {
    const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(number, number, fc.nat({ max: 3 }), fc.boolean(), (a, b, zeroes, same) => {
        const expected = { ...ok, out: { size: `0x${a.toString(16)}` } };
        const padded = (same ? a : b).toString(16).toUpperCase();
        const actual = { ...ok, out: { size: `0x${'0'.repeat(zeroes)}${padded}` } };
        expect(compareStep(expected, actual)).toHaveLength(same || a === b ? 0 : 1);
      }),
    );
  });

  it('names the place within lists and objects', () => {
    const fault = { access: 'read', dev: '00:05.0', addr: '0x1000', reason: 'PTE Read access is not set' };
    const expected = { ...ok, out: { done: true, faults: [fault] } };
    expect(compareStep(expected, { ...ok, out: { done: true, faults: [{ ...fault }] } })).toEqual([]);
    expect(
      compareStep(expected, { ...ok, out: { done: true, faults: [{ ...fault, dev: '00:05.1' }] } }),
    ).toEqual([{ field: 'out.faults[0].dev', expected: '00:05.0', actual: '00:05.1' }]);
    expect(compareStep(expected, { ...ok, out: { done: true, faults: [] } })).toEqual([
      { field: 'out.faults', expected: [fault], actual: [] },
    ]);
    const more = { ...fault, extra: 1 };
    expect(compareStep(expected, { ...ok, out: { done: true, faults: [more] } })).toEqual([
      { field: 'out.faults[0]', expected: fault, actual: more },
    ]);
  });

  it('takes no list for an object and no null for either', () => {
    const expected = { ...ok, out: { runs: [] as unknown } };
    expect(compareStep(expected, { ...ok, out: { runs: {} } })).toHaveLength(1);
    expect(compareStep(expected, { ...ok, out: { runs: null } })).toHaveLength(1);
    expect(compareStep({ ...ok, out: { nowOn: null } }, { ...ok, out: { nowOn: null } })).toEqual([]);
  });
});

describe('a call that never came back', () => {
  const hang = { ret: null, errno: null, out: { kernel: 'hang' } };
  const bug = { ret: null, errno: null, out: { kernel: 'BUG', at: 'vfio_iommu_group_notifier' } };

  it('is the model waiting, where the kernel hung', () => {
    expect(compareStep(hang, { ret: null, errno: null, blocked: true })).toEqual([]);
    expect(compareStep(hang, { ret: 0, errno: null, blocked: true })).toEqual([]);
  });

  it("is the model's oops, where the kernel died", () => {
    const at = 'vfio_iommu_group_notifier';
    expect(compareStep(bug, { ret: null, errno: null, oops: { kind: 'BUG', at } })).toEqual([]);
    expect(compareStep(bug, { ret: null, errno: null, oops: { kind: 'BUG', at: 'elsewhere' } })).toEqual([
      { field: 'out.at', expected: at, actual: 'elsewhere' },
    ]);
    expect(compareStep(bug, { ret: null, errno: null, oops: { kind: 'crash', at } })).toEqual([
      { field: 'out.kernel', expected: 'BUG', actual: 'crash' },
    ]);
  });

  it('leaves the place alone where none was recorded', () => {
    const crash = { ret: null, errno: null, out: { kernel: 'crash' } };
    expect(compareStep(crash, { ret: null, errno: null, oops: { kind: 'crash', at: 'f' } })).toEqual([]);
  });

  it('still has its other outs compared', () => {
    const left = { ...bug, out: { ...bug.out, driver: 'uio_pci_generic' } };
    const oops = { kind: 'BUG', at: bug.out.at } as const;
    expect(compareStep(left, { ret: null, errno: null, oops, out: { driver: 'none' } })).toEqual([
      { field: 'out.driver', expected: 'uio_pci_generic', actual: 'none' },
    ]);
  });

  it('differs from one that did', () => {
    expect(compareStep(hang, ok)).toEqual([
      { field: 'ret', expected: null, actual: 0 },
      { field: 'out.kernel', expected: 'hang', actual: undefined },
    ]);
    expect(compareStep(ok, { ret: 0, errno: null, blocked: true })).toEqual([
      { field: 'ret', expected: 0, actual: null },
      { field: 'out.kernel', expected: undefined, actual: 'hang' },
    ]);
    expect(compareStep(hang, { ret: null, errno: null, oops: { kind: 'BUG' } })).toEqual([
      { field: 'out.kernel', expected: 'hang', actual: 'BUG' },
    ]);
  });
});
