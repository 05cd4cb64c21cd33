/** Physical memory: allocation, content, and the journal under it. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ERRNO, PhysicalMemory } from '../src/index';

const newMemory = (): PhysicalMemory =>
  new PhysicalMemory({
    ram: [
      { start: '0x0', lengthBytes: '0xa0000' },
      { start: '0x100000', lengthBytes: '0x100000' },
    ],
    tableArenaBytes: 0x10000,
  });
const bytes = (memory: PhysicalMemory, page: number, offset: number, length: number): number[] => {
  const target = new Uint8Array(length);
  memory.readBytes(page, offset, target);
  return [...target];
};

describe('the map', () => {
  it('has RAM, holes, and tables at the top', () => {
    const memory = newMemory();
    expect([0x9f, 0xa0, 0xff, 0x100, 0x1ff, 0x200].map((page) => memory.isRam(page))).toEqual([
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(memory.arenaFirstPage).toBe(0x1f0);
    expect(memory.allocateTable()).toBe(0x1f0);
  });
  it('keeps tables below 512 GiB', () => {
    const memory = new PhysicalMemory({ ram: [{ start: '0x0', lengthBytes: (1n << 40n) * 2n }] });
    const table = memory.allocateTable();
    expect(table).toBeLessThan(2 ** 27);
    expect(memory.isRam(2 ** 28)).toBe(true);
    memory.writeEntry(2 ** 28, 3, 5n);
    expect(memory.readEntry(2 ** 28, 3)).toBe(5n);
  });
  it.each([
    ['no RAM', []],
    ['half a page', [{ start: '0x0', lengthBytes: '0x800' }]],
    [
      'an overlap',
      [
        { start: '0x0', lengthBytes: '0x2000' },
        { start: '0x1000', lengthBytes: '0x1000' },
      ],
    ],
    ['RAM beyond 52 bits', [{ start: 1n << 52n, lengthBytes: '0x1000' }]],
    ['RAM above 512 GiB only', [{ start: 1n << 40n, lengthBytes: '0x1000' }]],
  ])('refuses %s', (_, ram) => {
    expect(() => new PhysicalMemory({ ram })).toThrow(TypeError);
  });
  it('refuses an arena that does not fit', () => {
    const ram = [{ start: '0x0', lengthBytes: '0x2000' }];
    expect(() => new PhysicalMemory({ ram, tableArenaBytes: 0x3000 })).toThrow(TypeError);
    expect(() => new PhysicalMemory({ ram, tableArenaBytes: 0 })).toThrow(TypeError);
  });
});

describe('frames', () => {
  it('come lowest first, skip the hole, and run out', () => {
    const memory = newMemory();
    for (let n = 0; n < 0xa0; n++) expect(memory.allocateFrame()).toBe(n);
    expect(memory.allocateFrame()).toBe(0x100);
    for (let n = 0; n < 0xef; n++) memory.allocateFrame();
    expect(memory.framesInUse).toBe(0xa0 + 0xf0);
    expect(memory.allocateFrame()).toBe(-ERRNO.ENOMEM);
    memory.freeFrame(0x42);
    expect(memory.frameIsAllocated(0x42)).toBe(false);
    expect(memory.allocateFrame()).toBe(0x42);
  });
  it('are zeroed when taken again', () => {
    const memory = newMemory();
    const frame = memory.allocateFrame();
    memory.fillBytes(frame, 0, 4096, 0xaa);
    memory.freeFrame(frame);
    expect(bytes(memory, frame, 0, 2)).toEqual([0xaa, 0xaa]);
    expect(memory.allocateFrame()).toBe(frame);
    expect(bytes(memory, frame, 4094, 2)).toEqual([0, 0]);
  });
  it('come in aligned runs', () => {
    const memory = newMemory();
    memory.allocateFrame();
    expect(memory.allocateFrames(4, 4)).toBe(4);
    expect(memory.allocateFrames(3, 1)).toBe(1);
    expect(memory.allocateFrames(0x80, 0x80)).toBe(0x100);
    expect(memory.allocateFrames(0x100, 1)).toBe(-ERRNO.ENOMEM);
    expect(memory.framesInUse).toBe(1 + 4 + 3 + 0x80);
  });
  it('cannot be freed twice, nor what is no frame', () => {
    const memory = newMemory();
    expect(() => memory.freeFrame(0)).toThrow(TypeError);
    expect(() => memory.freeFrame(0xa0)).toThrow(TypeError);
    expect(() => memory.freeFrame(memory.allocateTable())).toThrow(TypeError);
    expect(() => memory.freeTable(0)).toThrow(TypeError);
    expect(() => memory.allocateFrames(0, 1)).toThrow(TypeError);
  });
});

describe('tables', () => {
  it('are zeroed when taken, not when freed', () => {
    const memory = newMemory();
    const table = memory.allocateTable();
    memory.writeEntry(table, 511, 0xffff_ffff_ffff_ffffn);
    memory.freeTable(table);
    expect(memory.readEntry(table, 511)).toBe(0xffff_ffff_ffff_ffffn);
    expect(memory.allocateTable()).toBe(table);
    expect(memory.readEntry(table, 511)).toBe(0n);
  });
  it('come in aligned runs, and run out', () => {
    const memory = newMemory();
    memory.allocateTable();
    expect(memory.allocateTables(4)).toBe(0x1f4);
    expect(memory.allocateTables(16)).toBe(-ERRNO.ENOMEM);
    for (let n = 0; n < 11; n++) expect(memory.allocateTable()).toBeGreaterThan(0);
    expect(memory.allocateTable()).toBe(-ERRNO.ENOMEM);
    expect(memory.tablesInUse).toBe(16);
  });
});

describe('content', () => {
  it('is little-endian, and the same for bytes and entries, in and out of the arena', () => {
    const memory = newMemory();
    for (const page of [5, memory.allocateTable()]) {
      memory.writeEntry(page, 1, 0x0102_0304_0506_0708n);
      expect(bytes(memory, page, 8, 8)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
      memory.writeBytes(page, 12, Uint8Array.of(0xff));
      expect(memory.readEntry(page, 1)).toBe(0x0102_03ff_0506_0708n);
    }
    expect(memory.arenaEntries[1]).toBe(0x0102_03ff_0506_0708n);
  });
  it('of what is no RAM is zeros, and writes vanish', () => {
    const memory = newMemory();
    memory.writeBytes(0xa0, 0, Uint8Array.of(1));
    memory.fillBytes(0xa0, 0, 8, 1);
    expect(bytes(memory, 0xa0, 0, 1)).toEqual([0]);
    expect(memory.loadEntry(0xa0, 0)).toBe(false);
    expect(() => memory.readEntry(0xa0, 0)).toThrow(TypeError);
    expect(() => memory.writeEntry(5, 512, 0n)).toThrow(TypeError);
    expect(() => memory.readBytes(5, 4090, new Uint8Array(7))).toThrow(TypeError);
  });
});

describe('the journal', () => {
  type Step = { op: 'frame' | 'free' | 'table' | 'write' | 'checkpoint' | 'restore'; n: number };
  const step = fc.record({
    op: fc.constantFrom<Step['op']>('frame', 'free', 'table', 'write', 'write', 'checkpoint', 'restore'),
    n: fc.nat(40),
  });
  const picture = (memory: PhysicalMemory): string => {
    const pages = [...Array(24).keys(), ...Array.from({ length: 16 }, (_, n) => 0x1f0 + n)];
    const content = pages.map((page) => [memory.readEntry(page, 0), memory.readEntry(page, 7)]);
    const taken = pages.map((page) => memory.frameIsAllocated(page) || memory.tableIsAllocated(page));
    return JSON.stringify([String(content), taken, memory.framesInUse, memory.tablesInUse]);
  };

  it('puts back exactly what was there, from any depth, any number of times', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const memory = newMemory();
        const stack: { id: number; picture: string }[] = [];
        for (const { op, n } of steps) {
          if (op === 'frame') memory.allocateFrame();
          else if (op === 'free' && memory.frameIsAllocated(n)) memory.freeFrame(n);
          else if (op === 'table') memory.allocateTable();
          else if (op === 'write')
            memory.writeEntry(n < 20 ? n : 0x1f0 + (n % 16), n % 2 === 0 ? 0 : 7, BigInt(n + 1));
          else if (op === 'checkpoint') stack.push({ id: memory.journal.open(), picture: picture(memory) });
          else if (op === 'restore' && stack.length > 0) {
            stack.length = (n % stack.length) + 1;
            const top = stack.at(-1) as (typeof stack)[number];
            memory.journal.restore(top.id);
            expect(picture(memory)).toBe(top.picture);
          }
        }
      }),
      { numRuns: 300, seed: 20220222 },
    );
  });
  it('saves a page when it is first written after a checkpoint, once, and no other page (ADR 15)', () => {
    const memory = newMemory();
    const [one, other] = [memory.allocateTable(), memory.allocateTable()];
    const id = memory.journal.open();
    const saved = vi.spyOn(memory.journal, 'savePage');
    for (let round = 0; round < 100; round++) memory.writeEntry(one, round, 1n);
    expect(saved).toHaveBeenCalledTimes(1);
    memory.writeEntry(other, 0, 1n);
    expect(saved).toHaveBeenCalledTimes(2);
    memory.journal.restore(id);
    expect(memory.readEntry(one, 99)).toBe(0n);
    memory.writeEntry(one, 0, 1n);
    expect(saved).toHaveBeenCalledTimes(3);
  });
  it('forgets checkpoints that are older than one restored, or released', () => {
    const { journal } = newMemory();
    const [first, second, third] = [journal.open(), journal.open(), journal.open()];
    journal.restore(second);
    expect(() => journal.restore(third)).toThrow(TypeError);
    journal.release(first);
    expect(() => journal.restore(first)).toThrow(TypeError);
    journal.restore(second);
    journal.release(second);
    expect(journal.stamp).toBe(0);
  });
});
