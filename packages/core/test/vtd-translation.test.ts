/** What a VT-d unit on bare hardware translates, caches, forgets, and reports. */
import { describe, expect, it } from 'vitest';
import {
  ACCESS_READ,
  ACCESS_WRITE,
  FAULT_REASON,
  INTERRUPT_WINDOW,
  PROT_READ,
  PROT_WRITE,
  vtd,
} from '../src/index';
import { A, B, C, PLAIN_CAP, RECORDED_CAP, Rig, RW } from './rig';

function attached(options: ConstructorParameters<typeof Rig>[0] = {}) {
  const rig = new Rig(options);
  const table = rig.table();
  rig.attach(A, table, 1);
  return { ...rig, rig, unit: rig.unit, memory: rig.memory, table };
}
const leafTable = (table: ReturnType<Rig['table']>): number =>
  [...table.entries()].find((entry) => entry.isTable && entry.path.length === table.levels - 2)
    ?.targetPage as number;

describe('translation', () => {
  it('goes through what is in memory: a changed entry changes or faults the next uncached access', () => {
    const { unit, memory, table } = attached();
    table.mapRange(0x100, 0x500, 2, RW);
    memory.writeEntry(leafTable(table), 0x100, 0x777_003n);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x777);
    memory.writeEntry(leafTable(table), 0x101, 0n);
    expect(unit.translate(A, 0x101, ACCESS_READ)).toBe(-FAULT_REASON.READ_REFUSED);
    memory.writeEntry(leafTable(table), 0x101, 0x778_001n);
    expect(unit.translate(A, 0x101, ACCESS_READ)).toBe(0x778);
  });
  it('is off until it is switched on, and passes addresses through then', () => {
    const { unit, table } = attached();
    table.mapRange(0x100, 0x500, 1, RW);
    unit.writeRegister(vtd.REGISTER.GCMD, 1n << 26n);
    expect(unit.translate(A, 0x100, ACCESS_WRITE)).toBe(0x100);
  });
  it('of pages inside large leaves adds the offset', () => {
    const { unit, table } = attached();
    table.map(0x40000000n, 0x80000000n, 0x40000000n, RW);
    table.map(0x200000n, 0x600000n, 0x200000n, RW);
    expect(unit.translate(A, 0x40000 + 0x12345, ACCESS_READ)).toBe(0x80000 + 0x12345);
    expect(unit.translate(A, 0x3ff, ACCESS_READ)).toBe(0x7ff);
  });
  it.each([4, 5] as const)('walks %i levels where CAP has them', (levels) => {
    const rig = new Rig({ capability: (PLAIN_CAP & ~0x3f1f00n) | (0xen << 8n) | (56n << 16n) });
    const table = rig.table(levels);
    rig.attach(A, table, 1);
    const top = 2 ** (9 * levels) - 1;
    table.mapRange(top, 0x500, 1, RW);
    expect(rig.unit.translate(A, top, ACCESS_READ)).toBe(0x500);
    expect(rig.unit.translate(A, top + 1, ACCESS_READ)).toBe(-FAULT_REASON.BEYOND_ADDRESS_WIDTH);
  });
  it('of pass-through contexts is the address itself, within the width', () => {
    const rig = new Rig();
    const entry = vtd.contextEntry({ tablePage: 0, translationType: 2, addressWidth: 1, domainId: 1 });
    rig.setContext(A, entry.low, entry.high);
    expect(rig.unit.translate(A, 0x1234, ACCESS_WRITE)).toBe(0x1234);
    expect(rig.unit.translate(A, 2 ** 27, ACCESS_WRITE)).toBe(-FAULT_REASON.BEYOND_ADDRESS_WIDTH);
  });
  it('never happens in the interrupt range, translation on or off', () => {
    const { unit, table } = attached();
    table.mapRange(0xfee00, 0x500, 0x100, RW);
    expect(unit.translate(A, 0xfee00, ACCESS_READ)).toBe(INTERRUPT_WINDOW);
    expect(unit.translate(A, 0xfeeff, ACCESS_READ)).toBe(INTERRUPT_WINDOW);
    expect(unit.translate(A, 0xfef00, ACCESS_READ)).toBe(-FAULT_REASON.READ_REFUSED);
    unit.writeRegister(vtd.REGISTER.GCMD, 0n);
    expect(unit.translate(A, 0xfee00, ACCESS_READ)).toBe(INTERRUPT_WINDOW);
  });
  it('checks the physical page, not the whole leaf, against the interrupt range', () => {
    const { unit, table } = attached();
    table.map(0x200000n, 0xfee00000n, 0x200000n, RW);
    expect(unit.translate(A, 0x200, ACCESS_READ)).toBe(-FAULT_REASON.OUTPUT_IN_INTERRUPT_RANGE);
    expect(unit.translate(A, 0x200 + 0x100, ACCESS_READ)).toBe(0xfee00 + 0x100);
  });
});

describe('the IOTLB', () => {
  it('is stale until invalidated, for unmapping and for more rights alike', () => {
    const { unit, rig, table } = attached();
    table.mapRange(0x100, 0x500, 1, PROT_READ);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x500);
    table.unmapRange(0x100, 1);
    table.mapRange(0x100, 0x501, 1, RW);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x500);
    expect(unit.translate(A, 0x100, ACCESS_WRITE)).toBe(-FAULT_REASON.WRITE_REFUSED);
    expect(unit.takeFaults()).toHaveLength(1); // bare hardware reports a refusal from the cache
    expect(rig.send(vtd.iotlbInvalidate(1, { iovaPage: 0x100, pagesLog2: 0, leafOnly: true }))).toBe(0);
    expect(unit.translate(A, 0x100, ACCESS_WRITE)).toBe(0x501);
  });
  it('is shared by the requesters of a domain', () => {
    const { unit, rig, table } = attached();
    rig.attach(B, table, 1);
    table.mapRange(0x100, 0x500, 1, RW);
    unit.translate(A, 0x100, ACCESS_READ);
    const { walks } = unit.counters;
    expect(unit.translate(B, 0x100, ACCESS_READ)).toBe(0x500);
    expect(unit.counters.walks).toBe(walks);
    expect(unit.iotlbHas(1, 0x100)).toBe(true);
    expect(unit.iotlbHas(2, 0x100)).toBe(false);
  });
  it('drops by page, domain and all, and nothing else', () => {
    const { unit, rig, table } = attached();
    rig.attach(C, table, 2);
    table.mapRange(0x100, 0x500, 16, RW);
    table.map(0x200000n, 0x600000n, 0x200000n, RW);
    const pages = [0x100, 0x104, 0x10f, 0x2ff];
    const fill = (): void => {
      for (const page of pages) for (const source of [A, C]) unit.translate(source, page, ACCESS_READ);
    };
    const held = (domainId: number): number[] => pages.filter((page) => unit.iotlbHas(domainId, page));
    fill();
    rig.send(vtd.iotlbInvalidate(1, { iovaPage: 0x104, pagesLog2: 2, leafOnly: true }));
    expect([held(1), held(2)]).toEqual([[0x100, 0x10f, 0x2ff], pages]);
    rig.send(vtd.iotlbInvalidate(1, { iovaPage: 0x3ff, pagesLog2: 0, leafOnly: true })); // any page of a large one
    expect(held(1)).toEqual([0x100, 0x10f]);
    fill();
    rig.send(vtd.iotlbInvalidate(2));
    expect([held(1), held(2)]).toEqual([pages, []]);
    fill();
    rig.send(vtd.iotlbInvalidateGlobal());
    expect([held(1), held(2)]).toEqual([[], []]);
    expect(unit.counters.iotlbInvalidations).toBe(4);
  });
  it('without page-selective invalidation in CAP loses the whole domain', () => {
    const { unit, rig, table } = attached({ capability: PLAIN_CAP & ~(1n << 39n) });
    table.mapRange(0x100, 0x500, 2, RW);
    unit.translate(A, 0x100, ACCESS_READ);
    rig.send(vtd.iotlbInvalidate(1, { iovaPage: 0x900, pagesLog2: 0, leafOnly: true }));
    expect(unit.iotlbHas(1, 0x100)).toBe(false);
  });
  it('takes any number of pages', () => {
    const { unit, table } = attached();
    table.mapRange(1, 0x1000, 5000, RW);
    for (let page = 1; page <= 5000; page++) expect(unit.translate(A, page, ACCESS_READ)).toBe(0xfff + page);
    for (let page = 5000; page >= 1; page--) expect(unit.translate(A, page, ACCESS_WRITE)).toBe(0xfff + page);
  });
});

describe('the context cache', () => {
  it('is stale until a device, domain or global invalidation', () => {
    const rig = new Rig();
    const { unit } = rig;
    const [first, second] = [rig.table(), rig.table()];
    first.mapRange(0x100, 0x500, 1, RW);
    second.mapRange(0x100, 0x600, 1, RW);
    rig.attach(A, first, 1);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x500);
    rig.attach(A, second, 2);
    rig.send(vtd.iotlbInvalidateGlobal());
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x500);
    rig.send(vtd.contextInvalidate(2, A, 0)); // the cached entry belongs to domain 1
    rig.send(vtd.contextInvalidate(1, B, 0));
    expect(unit.contextCacheHas(A)).toBe(true);
    rig.send(vtd.contextInvalidate(1, A, 0));
    expect(unit.contextCacheHas(A)).toBe(false);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x600);
    rig.send(vtd.contextInvalidateDomain(1));
    expect(unit.contextCacheHas(A)).toBe(true);
    rig.send(vtd.contextInvalidateDomain(2));
    expect(unit.contextCacheHas(A)).toBe(false);
    unit.translate(A, 0x100, ACCESS_READ);
    rig.send(vtd.contextInvalidateGlobal());
    expect(unit.contextCacheHas(A)).toBe(false);
    expect(unit.counters.contextInvalidations).toBe(6);
  });
  it('takes functions together under a function mask', () => {
    const rig = new Rig();
    const table = rig.table();
    const functions = [0, 1, 2, 3, 4, 5, 6, 7].map((fn) => A + fn);
    const kept = (mask: number): number[] => {
      for (const source of functions) {
        rig.attach(source, table, 1);
        rig.unit.translate(source, 0, ACCESS_READ);
      }
      rig.send(vtd.contextInvalidate(1, A, mask));
      return functions.filter((source) => rig.unit.contextCacheHas(source)).map((source) => source - A);
    };
    expect(kept(0)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(kept(1)).toEqual([1, 2, 3, 5, 6, 7]);
    expect(kept(2)).toEqual([1, 3, 5, 7]);
    expect(kept(3)).toEqual([]);
  });
  it('does not change when the root table pointer or translation is set again', () => {
    const { unit, rig, table } = attached();
    table.mapRange(0x100, 0x500, 1, RW);
    unit.translate(A, 0x100, ACCESS_READ);
    unit.writeRegister(vtd.REGISTER.GCMD, (1n << 31n) | (1n << 30n) | (1n << 26n));
    unit.writeRegister(vtd.REGISTER.GCMD, 1n << 26n);
    unit.writeRegister(vtd.REGISTER.GCMD, (1n << 31n) | (1n << 26n));
    expect(unit.contextCacheHas(A)).toBe(true);
    expect(rig.unit.iotlbHas(1, 0x100)).toBe(true);
  });
});

describe('the paging-structure cache', () => {
  it('survives an invalidation of leaves only: a freed table is then still walked', () => {
    const { unit, rig, memory, table } = attached();
    table.mapRange(0x200, 0x500, 512, PROT_READ | PROT_WRITE);
    unit.translate(A, 0x200, ACCESS_READ);
    expect([1, 2].map((level) => unit.pointerCacheHas(1, 0x200, level))).toEqual([true, true]);
    const freed = [...table.entries()].find((entry) => entry.path.length === 1 && entry.isTable)
      ?.targetPage as number;
    table.unmapRange(0x200, 512);
    table.releaseGathered();
    rig.send(vtd.iotlbInvalidate(1, { iovaPage: 0x200, pagesLog2: 9, leafOnly: true }));
    memory.writeEntry(freed, 0, 0x999_003n); // the page is someone else's now
    expect(unit.translate(A, 0x200, ACCESS_READ)).toBe(0x999);
    rig.send(vtd.iotlbInvalidate(1, { iovaPage: 0x200, pagesLog2: 9, leafOnly: false }));
    expect(unit.translate(A, 0x200, ACCESS_READ)).toBe(-FAULT_REASON.READ_REFUSED);
  });
  it('carries the permissions of the levels above', () => {
    const { unit, memory, table } = attached();
    table.mapRange(0x100, 0x500, 2, RW);
    const [pointer] = [...table.entries()];
    memory.writeEntry(table.rootPage, 0, (pointer?.entry as bigint) & ~2n); // read only above
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x500);
    expect(unit.translate(A, 0x101, ACCESS_WRITE)).toBe(-FAULT_REASON.WRITE_REFUSED);
    expect(unit.translate(A, 0x101, ACCESS_READ)).toBe(0x501);
  });
  it('is dropped by domain and by all', () => {
    const { unit, rig, table } = attached();
    table.mapRange(0x100, 0x500, 1, RW);
    unit.translate(A, 0x100, ACCESS_READ);
    rig.send(vtd.iotlbInvalidate(2));
    expect(unit.pointerCacheHas(1, 0x100, 1)).toBe(true);
    rig.send(vtd.iotlbInvalidate(1));
    expect(unit.pointerCacheHas(1, 0x100, 1)).toBe(false);
    unit.translate(A, 0x100, ACCESS_READ);
    rig.send(vtd.iotlbInvalidateGlobal());
    expect(unit.describeCaches().filter((line) => line.startsWith('pointer'))).toEqual([]);
  });
});

describe('caching mode', () => {
  it('off: a mapping made after a fault is seen at once', () => {
    const { unit, table } = attached();
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(-FAULT_REASON.READ_REFUSED);
    table.mapRange(0x100, 0x500, 1, RW);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x500);
  });
  it('on: bare hardware may keep that nothing was mapped, until it is invalidated', () => {
    const { unit, rig, table } = attached({ capability: RECORDED_CAP });
    unit.translate(A, 0x100, ACCESS_READ);
    table.mapRange(0x100, 0x500, 1, RW);
    expect(unit.translate(A, 0x100, ACCESS_WRITE)).toBe(-FAULT_REASON.WRITE_REFUSED);
    rig.send(vtd.iotlbInvalidate(1, { iovaPage: 0x100, pagesLog2: 0, leafOnly: true }));
    expect(unit.translate(A, 0x100, ACCESS_WRITE)).toBe(0x500);
  });
  it('on: an entry that is there but refuses is not kept', () => {
    const { unit, rig, table } = attached({ capability: RECORDED_CAP });
    table.mapRange(0x100, 0x500, 1, PROT_WRITE);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(-FAULT_REASON.READ_REFUSED);
    expect(rig.unit.iotlbHas(1, 0x100)).toBe(false);
    expect(unit.translate(A, 0x100, ACCESS_WRITE)).toBe(0x500);
  });
  it('on: an absent context entry is kept under domain 0', () => {
    const rig = new Rig({ capability: RECORDED_CAP });
    const { unit } = rig;
    rig.contextPage(0);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(-FAULT_REASON.CONTEXT_ENTRY_ABSENT);
    const table = rig.table();
    table.mapRange(0x100, 0x500, 1, RW);
    rig.attach(A, table, 1);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(-FAULT_REASON.CONTEXT_ENTRY_ABSENT);
    rig.send(vtd.contextInvalidate(0, A, 0));
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x500);
  });
  it('on, in qemu-7.2: nothing of the kind', () => {
    const { unit, table } = attached({ capability: RECORDED_CAP, behaviour: 'qemu-7.2' });
    unit.translate(A, 0x100, ACCESS_READ);
    table.mapRange(0x100, 0x500, 1, RW);
    expect(unit.translate(A, 0x100, ACCESS_READ)).toBe(0x500);
  });
});

describe('a peek', () => {
  it('answers as a translation would, caches included, and leaves no trace', () => {
    const { unit, table } = attached({ capability: RECORDED_CAP });
    table.mapRange(0x100, 0x500, 1, RW);
    expect(unit.peek(A, 0x100, ACCESS_READ)).toBe(0x500);
    expect(unit.peek(A, 0x101, ACCESS_READ)).toBe(-FAULT_REASON.READ_REFUSED);
    expect(unit.peek(C, 0x101, ACCESS_READ)).toBe(-FAULT_REASON.ROOT_ENTRY_ABSENT);
    expect(unit.describeCaches()).toEqual([]);
    expect(unit.takeFaults()).toEqual([]);
    expect(unit.counters.walks).toBe(0);
    unit.translate(A, 0x100, ACCESS_READ);
    table.unmapRange(0x100, 1);
    expect(unit.peek(A, 0x100, ACCESS_READ)).toBe(0x500);
  });
});
