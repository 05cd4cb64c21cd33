/** Page tables of VT-d's second stage: bits from the specification, errors, and what unmapping leaves behind. */
import { describe, expect, it } from 'vitest';
import {
  ERRNO,
  PageTable,
  PhysicalMemory,
  PROT_CACHE,
  PROT_READ,
  PROT_WRITE,
  type SecondStageConfig,
  vtdSecondStage,
} from '../src/index';

const RW = PROT_READ | PROT_WRITE;
const K4 = 0x1000n;
const M2 = 0x200000n;
const G1 = 0x40000000n;

function setUp(config: Partial<SecondStageConfig> = {}, tableArenaBytes = 0x100000) {
  const memory = new PhysicalMemory({ ram: [{ start: '0x0', lengthBytes: '0x1000000' }], tableArenaBytes });
  const table = PageTable.create(memory, vtdSecondStage, { levels: 3, ...config });
  if (typeof table === 'string') throw new Error(table);
  return { memory, table };
}
const leaves = (table: PageTable): bigint[] =>
  [...table.entries()].filter((entry) => !entry.isTable).map((entry) => entry.entry);

describe('entries', () => {
  it('hold R in bit 0, W in bit 1 and the page in bits 51:12', () => {
    const { table } = setUp();
    table.map(0n, 0xabcd_ef01_2000n, K4, PROT_READ);
    table.map(0x1000n, 0x5000n, K4, PROT_WRITE);
    table.map(0x2000n, 0xf_ffff_ffff_f000n, K4, RW);
    expect(leaves(table)).toEqual([0xabcd_ef01_2001n, 0x5002n, 0xf_ffff_ffff_f003n]);
  });

  it('of large pages have PS in bit 7; pointers have R and W', () => {
    const { table } = setUp();
    table.map(M2, 4n * M2, M2, RW);
    table.map(G1, 2n * G1, G1, RW);
    expect(leaves(table)).toEqual([(4n * M2) | 0x83n, (2n * G1) | 0x83n]);
    const [pointer] = [...table.entries()].filter((entry) => entry.isTable);
    expect((pointer?.entry ?? 0n) & 0xfffn).toBe(3n);
  });

  it('force snoop in bit 11, mark pointers in bit 10, keep write-only readable: as configured', () => {
    expect(leaves(mapped({ forceSnoop: true }, PROT_WRITE))).toEqual([0x5802n]);
    expect(leaves(mapped({ writeOnlyReadable: true }, PROT_WRITE))).toEqual([0x5003n]);
    expect(leaves(mapped({}, PROT_READ | PROT_CACHE))).toEqual([0x5001n]);
    const pointers = [...mapped({ nonCoherent: true }, RW).entries()].filter((entry) => entry.isTable);
    expect(pointers.map((entry) => entry.entry & 0xfffn)).toEqual([0x403n, 0x403n]);
  });
  function mapped(config: Partial<SecondStageConfig>, prot: number): PageTable {
    const { table } = setUp(config);
    expect(table.map(0n, 0x5000n, K4, prot)).toBe(0);
    return table;
  }
});

describe('geometry', () => {
  it('follows the levels', () => {
    expect(setUp({ levels: 3 }).table).toMatchObject({ levels: 3, inputBits: 39, outputBits: 52 });
    expect(setUp({ levels: 4, outputBits: 46 }).table).toMatchObject({ inputBits: 48, outputBits: 46 });
    expect(setUp({ levels: 5 }).table.inputBits).toBe(57);
  });
  it('names the page sizes as a bitmap', () => {
    expect(setUp().table.pageSizes).toBe(0x40201000n);
    expect(setUp({ leafLevels: 1 }).table.pageSizes).toBe(0x201000n);
    expect(setUp({ leafLevels: 0 }).table.pageSizes).toBe(0x1000n);
  });
  it('without large leaves maps in small ones', () => {
    const { table } = setUp({ leafLevels: 0 });
    table.map(M2, M2, M2, RW);
    expect(leaves(table).length).toBe(512);
  });
  it('refuses configurations that do not exist', () => {
    const memory = new PhysicalMemory({ ram: [{ start: '0x0', lengthBytes: '0x100000' }] });
    expect(PageTable.create(memory, vtdSecondStage, { levels: 2 as 3 })).toBe('EINVAL');
    expect(PageTable.create(memory, vtdSecondStage, { levels: 3, outputBits: 53 })).toBe('EINVAL');
    expect(PageTable.create(memory, vtdSecondStage, { levels: 3, leafLevels: 3 })).toBe('EINVAL');
    expect(memory.tablesInUse).toBe(0);
  });
});

describe('errors of map', () => {
  it.each([
    ['no bytes', 0n, 0n, 0n, RW, 'EINVAL'],
    ['no rights', 0n, 0n, K4, PROT_CACHE, 'EINVAL'],
    ['an unaligned iova', 0x10n, 0n, K4, RW, 'ENXIO'],
    ['an unaligned physical address', 0n, 0x10n, K4, RW, 'ENXIO'],
    ['an unaligned size', 0n, 0n, 0x10n, RW, 'ENXIO'],
    ['an iova past the input width', 1n << 39n, 0n, K4, RW, 'ERANGE'],
    ['a range that ends past it', (1n << 39n) - K4, 0n, 2n * K4, RW, 'ERANGE'],
    ['a physical address past the output width', 0n, 1n << 52n, K4, RW, 'ERANGE'],
  ] as const)('%s', (_, iova, physical, size, prot, errno) => {
    const { table } = setUp();
    expect(table.map(iova, physical, size, prot)).toBe(-ERRNO[errno]);
    expect(table.mappedPages).toBe(0);
    expect([...table.entries()]).toEqual([]);
  });
  it('a mapping without write where the format forces it: EINVAL', () => {
    expect(setUp({ forceWriteable: true }).table.map(0n, 0n, K4, PROT_READ)).toBe(-ERRNO.EINVAL);
  });
  it('something in the way: EADDRINUSE, with what came before it mapped', () => {
    const { table } = setUp();
    expect(table.map(0x3000n, 0x8000n, K4, RW)).toBe(0);
    expect(table.mapRange(0, 0x100, 8, RW)).toBe(-ERRNO.EADDRINUSE);
    expect(table.mappedPages).toBe(3);
    expect(table.translate(2)).toBe(0x102);
    expect(table.translate(3)).toBe(8);
    expect(table.translate(4)).toBe(-1);
  });
  it('a large page over a small one, and a small one in a large one: EADDRINUSE', () => {
    const { table } = setUp();
    table.map(M2, 0x8000n, K4, RW);
    expect(table.map(M2, 0n, M2, RW)).toBe(-ERRNO.EADDRINUSE);
    table.map(4n * M2, 0n, M2, RW);
    expect(table.map(4n * M2 + K4, 0n, K4, RW)).toBe(-ERRNO.EADDRINUSE);
  });
  it('no page left for a table: ENOMEM', () => {
    const { table, memory } = setUp({}, 3 * 4096);
    expect(table.map(0n, 0n, K4, RW)).toBe(0);
    expect(memory.tablesInUse).toBe(3);
    expect(table.map(M2, 0n, K4, RW)).toBe(-ERRNO.ENOMEM);
    expect(PageTable.create(memory, vtdSecondStage, { levels: 3 })).toBe('ENOMEM');
  });
  it('a pointer that was overwritten and leads nowhere: EFAULT, and no crash', () => {
    const { table, memory } = setUp();
    table.map(0n, 0n, K4, RW);
    memory.writeEntry(table.rootPage, 0, (1n << 45n) | 3n);
    expect(table.map(0x1000n, 0n, K4, RW)).toBe(-ERRNO.EFAULT);
    expect(table.translate(0)).toBe(-1);
    expect(table.unmapRange(0, 1)).toBe(0);
    expect(table.walk(0n)).toMatchObject({ physical: null, fault: 'notpresent' });
  });
});

describe('unmap', () => {
  it('stops at a hole', () => {
    const { table } = setUp();
    table.mapRange(0, 0x100, 2, RW);
    table.mapRange(3, 0x200, 2, RW);
    expect(table.unmapRange(0, 5)).toBe(2);
    expect(table.translate(3)).toBe(0x200);
  });
  it('that starts inside a large page removes nothing, one that ends inside removes all of it', () => {
    const { table } = setUp();
    table.map(M2, 0n, M2, RW);
    expect(table.unmap(M2 + K4, K4)).toBe(0n);
    expect(table.unmap(M2, K4)).toBe(M2);
    expect(table.translate(512)).toBe(-1);
  });
  it('past the input width removes nothing', () => {
    const { table } = setUp();
    table.mapRange(2 ** 27 - 1, 0, 1, RW);
    expect(table.unmapRange(2 ** 27 - 1, 2)).toBe(0);
    expect(table.unmap(-0x1000n, K4)).toBe(0n);
  });
  it('unlinks the tables that it covers; they are freed when released', () => {
    const { table, memory } = setUp();
    table.mapRange(512, 1, 512, RW);
    table.mapRange(1024, 1, 1, RW);
    expect(memory.tablesInUse).toBe(4);
    expect(table.unmapRange(512, 512)).toBe(512);
    expect(table.gatheredTables).toBe(1);
    expect(memory.tablesInUse).toBe(4);
    expect(table.releaseGathered()).toBe(1);
    expect(memory.tablesInUse).toBe(3);
    expect(table.releaseGathered()).toBe(0);
  });
  it('keeps a table that it empties only in part; a large page then takes its place', () => {
    const { table } = setUp();
    table.mapRange(512, 1, 3, RW);
    expect(table.unmapRange(512, 3)).toBe(3);
    expect(table.gatheredTables).toBe(0);
    expect(table.map(M2, 2n * M2, M2, RW)).toBe(0);
    expect(table.gatheredTables).toBe(1);
    expect(table.walk(M2)).toMatchObject({ level: 1 });
  });
});

it('the last leaf table is found anew after it was freed or overwritten', () => {
  const { table, memory } = setUp();
  table.mapRange(0, 0x100, 512, RW);
  expect(table.unmapRange(0, 512)).toBe(512);
  table.releaseGathered();
  const reused = memory.allocateTable();
  expect(table.mapRange(5, 0x300, 1, RW)).toBe(0);
  expect(memory.readEntry(reused, 5)).toBe(0n);
  expect(table.translate(5)).toBe(0x300);
  const [pointer] = [...table.entries()];
  memory.writeEntry(pointer?.targetPage as number, 0, 0n);
  expect(table.translate(5)).toBe(-1);
});

it('counts the entries that it writes', () => {
  const { table } = setUp();
  table.mapRange(0, 1, 10, RW);
  expect(table.entryWrites).toBe(12); // two pointers, ten leaves
  table.unmapRange(0, 10);
  expect(table.entryWrites).toBe(22);
});

it('walks say why they fail', () => {
  const { table, memory } = setUp({ outputBits: 46 });
  table.map(0n, 0x5000n, 2n * K4, RW);
  const leafTable = [...table.entries()].find((entry) => entry.path.length === 2);
  expect(leafTable).toBeDefined();
  const [, pointer] = [...table.entries()];
  memory.writeEntry(pointer?.targetPage as number, 1, (1n << 46n) | 3n);
  expect(table.walk(0x1008n)).toEqual({ physical: null, level: 0, fault: 'reserved' });
  expect(table.walk(0x2000n)).toEqual({ physical: null, level: 0, fault: 'notpresent' });
  expect(table.walk(1n << 39n)).toEqual({ physical: null, level: 2, fault: 'aperture' });
  expect(table.walk(0x0abcn)).toEqual({ physical: 0x5abcn, level: 0, pageSize: K4, permission: 'rw' });
});
