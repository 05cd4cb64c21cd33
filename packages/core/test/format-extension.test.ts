/**
 * ADR 17. A format is a file of its own: two that are as unlike VT-d's as the engine allows, built on `loopsOf`.
 *
 * One has 32-bit entries and 10-bit indexes (the layout of Tegra's SMMU); the other RISC-V's Sv39 with its 64 KiB groups
 * of 16 equal entries (Svnapot).
 */
import { describe, expect, it } from 'vitest';
import {
  type Codec,
  ERRNO,
  loopsOf,
  PageTable,
  type PageTableFormat,
  PhysicalMemory,
  PROT_READ,
  PROT_WRITE,
} from '../src/index';
import {
  type EntryCodec,
  type Geometry,
  NEXT_EMPTY,
  NEXT_LEAF,
  nothingAllowed,
} from '../src/page-table/format';

const RW = PROT_READ | PROT_WRITE;

function formatOf(name: string, geometry: Geometry, entries: EntryCodec): PageTableFormat<null> {
  const codec: Codec = { ...entries, ...loopsOf(entries, geometry) };
  return { name, occupied: 'EEXIST', build: () => ({ geometry, codec }) };
}

const SHORT_GEOMETRY: Geometry = {
  levels: 2,
  indexBits: [10, 10],
  entryWords: 1,
  tablePages: [1, 1],
  granulePages: 1,
  leafSizes: [{ pages: 1, level: 0, entries: 1 }],
  inputBits: 32,
  outputBits: 34,
};
/** 31 read, 30 write, 29 nonsecure, 28 next table, 21:0 page. */
const short = formatOf('short', SHORT_GEOMETRY, {
  protectionError: nothingAllowed,
  leafFirst: (page, _size, prot) => ((prot & 1) << 31) | ((prot & 2) << 29) | (1 << 29) | page,
  leafSecond: () => 0,
  tableFirst: (page) => 0xf0000000 | page,
  tableSecond: () => 0,
  next: (first, _second, level) => {
    if (first >>> 30 === 0) return NEXT_EMPTY;
    return level === 0 ? NEXT_LEAF : first & 0x3fffff;
  },
  leafSize: () => 0,
  target: (first) => first & 0x3fffff,
  permission: (first) => (first >>> 31) | ((first >>> 29) & 2),
  reserved: () => false,
});

const NAPOT = 1 << 31;
const GROUP_GEOMETRY: Geometry = {
  levels: 3,
  indexBits: [9, 9, 9],
  entryWords: 2,
  tablePages: [1, 1, 1],
  granulePages: 1,
  leafSizes: [
    { pages: 1, level: 0, entries: 1 },
    { pages: 16, level: 0, entries: 16 },
    { pages: 512, level: 1, entries: 1 },
  ],
  inputBits: 39,
  outputBits: 56,
};
/** 0 valid, 1 read, 2 write, 53:10 page, 63 group: the page's low four bits are then 1000b. */
const groups = formatOf('groups', GROUP_GEOMETRY, {
  protectionError: nothingAllowed,
  leafFirst: (page, size, prot) => 1 | (prot << 1) | ((size === 1 ? page | 8 : page) << 10),
  leafSecond: (page, size) => Math.floor(page / 2 ** 22) | (size === 1 ? NAPOT : 0),
  tableFirst: (page) => 1 | (page << 10),
  tableSecond: (page) => Math.floor(page / 2 ** 22),
  next: (first, second, level) => {
    if ((first & 1) === 0) return NEXT_EMPTY;
    if (level === 0 || (first & 0xe) !== 0) return NEXT_LEAF;
    return (first >>> 10) + (second & 0x1f) * 2 ** 22;
  },
  leafSize: (_first, second, level) => (level === 1 ? 2 : second < 0 ? 1 : 0),
  target: (first, second) => {
    const page = (first >>> 10) + (second & 0x3fffff) * 2 ** 22;
    return second < 0 ? page - 8 : page;
  },
  permission: (first) => ((first & 0xe) === 0 ? 3 : (first >>> 1) & 3),
  reserved: (first) => (first & 4) !== 0 && (first & 2) === 0,
});

function create(format: PageTableFormat<null>): { table: PageTable; memory: PhysicalMemory } {
  const memory = new PhysicalMemory({ ram: [{ start: '0x0', lengthBytes: '0x400000' }] });
  const table = PageTable.create(memory, format, null);
  if (typeof table === 'string') throw new Error(table);
  return { table, memory };
}

describe('32-bit entries', () => {
  it('are packed two to a 64-bit word', () => {
    const { table, memory } = create(short);
    expect(table.map(0x1000n, 0x3_0000_5000n, 0x2000n, RW)).toBe(0);
    const [pointer, first, second] = [...table.entries()];
    expect(pointer).toMatchObject({ path: [], index: 0, isTable: true });
    expect([first?.entry, second?.entry]).toEqual([0xe030_0005n, 0xe030_0006n]);
    expect(memory.readEntry(pointer?.targetPage as number, 0)).toBe(0xe030_0005_0000_0000n);
    expect(table.walk(0x1abcn)).toEqual({
      physical: 0x3_0000_5abcn,
      level: 0,
      pageSize: 0x1000n,
      permission: 'rw',
    });
  });
  it('map, unmap and refuse', () => {
    const { table, memory } = create(short);
    expect(table.mapRange(1000, 7, 100, PROT_READ)).toBe(0); // over the end of a table
    expect(table.translate(1099)).toBe(106);
    expect(table.walk(1023n << 12n)).toMatchObject({ permission: 'r' });
    expect(table.mapRange(999, 0, 2, RW)).toBe(-ERRNO.EEXIST);
    expect(table.mappedPages).toBe(1);
    expect(table.mapRange(2 ** 20, 0, 1, RW)).toBe(-ERRNO.ERANGE);
    expect(table.unmapRange(999, 101)).toBe(101);
    expect(table.mapRange(1024, 1, 1024, RW)).toBe(0);
    expect(table.unmapRange(1024, 1024)).toBe(1024);
    expect(table.releaseGathered()).toBe(1);
    table.destroy();
    expect(memory.tablesInUse).toBe(0);
  });
});

describe('groups of equal entries', () => {
  it('are written and removed as one', () => {
    const { table } = create(groups);
    expect(table.mapRange(16, 0x1230, 16, RW)).toBe(0);
    const leaves = [...table.entries()].filter((entry) => !entry.isTable);
    expect(leaves.map((leaf) => leaf.index)).toEqual(Array.from({ length: 16 }, (_, n) => 16 + n));
    expect(new Set(leaves.map((leaf) => leaf.entry))).toEqual(new Set([(1n << 63n) | (0x1238n << 10n) | 7n]));
    expect(table.walk(0x1f008n)).toEqual({
      physical: 0x123f008n,
      level: 0,
      pageSize: 0x10000n,
      permission: 'rw',
    });
    expect(table.translate(20)).toBe(0x1234);
    expect(table.unmapRange(20, 1)).toBe(0);
    expect(table.unmapRange(16, 1)).toBe(16);
    expect(table.translate(31)).toBe(-1);
  });
  it('are chosen where both addresses allow, within a range and between large pages', () => {
    const { table } = create(groups);
    expect(table.mapRange(0x1f0 - 1, 0x3f0 - 1, 1 + 16 + 512 + 16 + 2, RW)).toBe(0);
    const sizes = [0x1ef, 0x1f0, 0x200, 0x400, 0x410].map((page) => table.walk(BigInt(page) << 12n));
    expect(sizes.map((walk) => (walk.physical === null ? 0n : walk.pageSize))).toEqual([
      0x1000n,
      0x10000n,
      0x200000n,
      0x10000n,
      0x1000n,
    ]);
    expect(table.unmapRange(0x1ef, 1 + 16 + 512 + 16 + 2)).toBe(547);
  });
  it('are refused where any of their entries is taken', () => {
    const { table } = create(groups);
    table.mapRange(30, 0x999, 1, RW);
    expect(table.mapRange(0, 0x1000, 32, RW)).toBe(-ERRNO.EEXIST);
    expect(table.mappedPages).toBe(16);
    expect(table.translate(29)).toBe(-1);
    expect(table.translate(15)).toBe(0x100f);
  });
});
