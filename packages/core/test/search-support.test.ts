/** What a search over a machine stands on: pages that do not depend on the order, foreknowledge of touches, a digest. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCESS_READ, ACCESS_WRITE, ERRNO, type MachinePart, PhysicalMemory, vtd } from '../src/index';
import { recordedMachine } from './recorded-machine';
import { Rig, RW } from './rig';

const MIB = 0x100000;

/** A memory whose allocations come from the lane that `lane` says. */
function inLanes(memory: PhysicalMemory, lanes: number) {
  const watcher = { lanes, current: -1, lane: () => watcher.current, touch: () => {} };
  memory.watcher = watcher;
  memory.openLanes();
  return <T>(lane: number, allocate: () => T): T => {
    watcher.current = lane;
    const got = allocate();
    watcher.current = -1;
    return got;
  };
}

const small = () =>
  new PhysicalMemory({ ram: [{ start: '0x0', lengthBytes: BigInt(64 * MIB) }], tableArenaBytes: 8 * MIB });

describe('lanes', () => {
  it('give each thread the same pages in whatever order the threads allocate', () => {
    const orders = [
      [0, 1, 0, 1, 0, 1],
      [1, 1, 1, 0, 0, 0],
      [0, 0, 1, 1, 1, 0],
    ];
    const got = orders.map((order) => {
      const memory = small();
      memory.allocateFrame();
      const as = inLanes(memory, 2);
      const pages: number[][] = [[], []];
      for (const lane of order) {
        pages[lane]?.push(
          as(lane, () => memory.allocateFrame()),
          as(lane, () => memory.allocateTable()),
          as(lane, () => memory.allocateFrames(8, 8)),
        );
      }
      return pages;
    });
    expect(got[1]).toEqual(got[0]);
    expect(got[2]).toEqual(got[0]);
    expect(new Set(got[0]?.flat()).size).toBe(18);
    expect(
      got[0]
        ?.flat()
        .filter((_, n) => n % 3 === 2)
        .every((page) => page % 8 === 0),
    ).toBe(true);
  });

  it('do not hand out again what is freed meanwhile, and leave the rest to ordinary allocation', () => {
    const memory = small();
    const before = memory.allocateFrame();
    const as = inLanes(memory, 2);
    const first = as(0, () => memory.allocateFrame());
    memory.freeFrame(first);
    memory.freeFrame(before);
    expect(as(0, () => memory.allocateFrame())).toBe(first + 1);
    expect(as(1, () => memory.allocateFrame())).not.toBe(first);
    expect(memory.allocateFrame()).toBe(before);
    expect(memory.framesInUse).toBe(3);
  });

  it('end: a lane that is used up has no more pages, and lanes that are opened anew are full', () => {
    const memory = new PhysicalMemory({
      ram: [{ start: '0x0', lengthBytes: '0x40000' }],
      tableArenaBytes: 0x10000,
    });
    const as = inLanes(memory, 4);
    const tables = Array.from({ length: 5 }, () => as(3, () => memory.allocateTable()));
    expect(tables.slice(0, 4).every((page) => memory.tableIsAllocated(page))).toBe(true);
    expect(tables[4]).toBe(-ERRNO.ENOMEM);
    for (const page of tables.slice(0, 4)) memory.freeTable(page);
    memory.openLanes();
    expect(as(3, () => memory.allocateTable())).toBe(tables[0]);
  });
});

describe('the table pages that a call will touch', () => {
  const range = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 1500 }));
  const call = fc.record({ kind: fc.constantFrom('map' as const, 'unmap' as const), range });

  it('are known beforehand: nothing else is written but new tables', () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 12 }), (calls) => {
        const rig = new Rig();
        const { memory } = rig;
        const table = rig.table();
        for (const { kind, range } of calls) {
          const [iovaPage, pages] = range;
          const written = new Set<number>();
          const gathers = table.visitTables(
            iovaPage,
            pages,
            kind,
            (page, writes) => writes && written.add(page),
          );
          const known = new Set([...table.tablePages(), ...table.gatheredPages()]);
          const gathered = table.gatheredTables;
          const before = memory.journal.open();
          if (kind === 'map') table.mapRange(iovaPage, 0x1000 + iovaPage, pages, RW);
          else table.unmapRange(iovaPage, pages);
          const changed = memory.journal
            .changedPages(before)
            .filter(({ owner, page, copy }) => owner === memory.arena && !sameWords(memory, page, copy))
            .map(({ page }) => memory.arenaFirstPage + page);
          expect(changed.filter((page) => known.has(page) && !written.has(page))).toEqual([]);
          if (table.gatheredTables !== gathered) expect(gathers).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are few where a call touches few', () => {
    const table = new Rig().table();
    table.mapRange(0, 0x1000, 4, RW);
    const visited: [number, boolean][] = [];
    table.visitTables(2, 1, 'unmap', (page, writes) => visited.push([page, writes]));
    const pages = table.tablePages();
    expect(visited).toEqual([
      [pages[0], false],
      [pages[1], false],
      [pages[2], true],
    ]);
    expect(table.visitTables(0, 512, 'unmap', () => {})).toBe(true);
    expect(table.visitTables(0x40000, 1, 'read', () => {})).toBe(false);
  });
});

function sameWords(memory: PhysicalMemory, page: number, copy: Int32Array): boolean {
  return copy.every((word, at) => word === memory.arena.words[page * 1024 + at]);
}

describe('a rehearsed translation', () => {
  const access = fc.record({
    requester: fc.constantFrom(8, 9, 16),
    page: fc.constantFrom(0, 1, 2, 511, 512, 0x40000),
    write: fc.boolean(),
  });

  it.each(['hardware', 'qemu-7.2'] as const)('touches what the real one does, on %s', (behaviour) => {
    fc.assert(
      fc.property(fc.array(access, { minLength: 1, maxLength: 20 }), (accesses) => {
        const rig = new Rig({ behaviour });
        const { unit } = rig;
        const table = rig.table();
        table.mapRange(0, 0x1000, 2, RW);
        table.mapRange(512, 0x2000, 512, 1);
        rig.attach(8, table, 1);
        rig.attach(16, table, 1);
        const touched: string[] = [];
        const touch = (part: MachinePart, a: number, b: number, how: number) =>
          touched.push(`${part} ${a} ${b} ${how}`);
        for (const { requester, page, write } of accesses) {
          const kind = write ? ACCESS_WRITE : ACCESS_READ;
          rig.memory.watcher = { lanes: 1, lane: () => -1, touch };
          const foreseen = unit.peek(requester, page, kind);
          const rehearsed = touched.splice(0);
          expect(unit.translate(requester, page, kind)).toBe(foreseen);
          expect(touched.splice(0)).toEqual(rehearsed);
          rig.memory.watcher = null;
        }
      }),
      { numRuns: 80 },
    );
  });
});

describe('the digest', () => {
  function started() {
    const machine = recordedMachine();
    const { memory } = machine;
    const frame = memory.allocateFrame();
    const checkpoint = machine.checkpoint();
    return { machine, memory, frame, checkpoint };
  }

  it('sees a change of every part, and that it was taken back', () => {
    const { machine, memory, frame, checkpoint } = started();
    const unit = machine.unit as NonNullable<typeof machine.unit>;
    const [function_] = machine.pci.all;
    const edu = machine.pci.all.map(({ address }) => machine.edu(address)).find((device) => device !== null);
    const changes: Record<string, () => void> = {
      'a byte of memory': () => memory.writeBytes(frame, 5, new Uint8Array([7])),
      'a table entry': () => memory.writeEntry(memory.arenaFirstPage, 3, 9n),
      'a frame taken': () => void memory.allocateFrame(),
      'a table taken': () => void memory.allocateTable(),
      'a frame freed': () => memory.freeFrame(frame),
      'a register': () => unit.writeRegister(vtd.REGISTER.FEDATA, 4n),
      'a function gone': () => {
        if (function_ !== undefined) machine.pci.remove(function_);
      },
      'a device switched on': () => {
        if (edu) edu.busMaster = true;
      },
    };
    const atStart = machine.digest();
    const seen = new Set([atStart]);
    for (const [name, change] of Object.entries(changes)) {
      change();
      expect(seen.has(machine.digest()), name).toBe(false);
      seen.add(machine.digest());
      machine.restore(checkpoint);
      expect(machine.digest(), name).toBe(atStart);
    }
  });

  it('does not look at order where nothing can hang on it', () => {
    const rig = () => {
      const made = new Rig();
      const table = made.table();
      table.mapRange(0, 0x1000, 4, RW);
      made.attach(8, table, 1);
      made.attach(16, table, 1);
      made.memory.journal.open();
      return made;
    };
    const [a, b, c] = [rig(), rig(), rig()];
    const dma = (made: Rig, requester: number, page: number) =>
      made.unit.translate(requester, page, ACCESS_READ);
    const drop = (made: Rig, domainId: number) => {
      const { low, high } = vtd.iotlbInvalidate(domainId);
      made.unit.submit(low, high);
    };
    dma(a, 8, 0);
    dma(a, 16, 1);
    drop(a, 5);
    drop(a, 6);
    dma(b, 16, 1);
    dma(b, 8, 0);
    drop(b, 6);
    drop(b, 5);
    dma(c, 16, 1);
    dma(c, 8, 2);
    drop(c, 6);
    drop(c, 5);
    expect(b.unit.hashState()).toBe(a.unit.hashState());
    expect(c.unit.hashState()).not.toBe(a.unit.hashState());
    expect(a.unit.hashState()).not.toBe(rig().unit.hashState());
  });
});
