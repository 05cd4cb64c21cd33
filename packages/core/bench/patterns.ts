/**
 * The patterns of the bench, on both doors of a page table. reference.c has the same ones with the same numbers.
 */
import { PageTable, PhysicalMemory, PROT_READ, PROT_WRITE, vtdSecondStage } from '../src/index';

const PAGES = 32768;
const ROUNDS = 100;
const PROT = PROT_READ | PROT_WRITE;
export const NAMES = [
  'map one 4K page',
  'translate at random',
  'unmap 64 pages (each)',
  'map+unmap 512 pages (each)',
  'mixed sizes',
] as const;

interface Door {
  map(iovaPage: number, physicalPage: number, pages: number): number;
  unmap(iovaPage: number, pages: number): number;
  translate(iovaPage: number): number;
}

function pageNumbers(table: PageTable): Door {
  return {
    map: (iova, physical, pages) => table.mapRange(iova, physical, pages, PROT),
    unmap: (iova, pages) => table.unmapRange(iova, pages),
    translate: (iova) => table.translate(iova),
  };
}

function bigints(table: PageTable): Door {
  const address = (page: number): bigint => BigInt(page) << 12n;
  return {
    map: (iova, physical, pages) => table.map(address(iova), address(physical), address(pages), PROT),
    unmap: (iova, pages) => Number(table.unmap(address(iova), address(pages)) >> 12n),
    translate: (iova) => {
      const result = table.walk(address(iova));
      return result.physical === null ? -1 : Number(result.physical >> 12n);
    },
  };
}

class Stopwatch {
  readonly best = NAMES.map(() => Number.POSITIVE_INFINITY);

  measure(which: number, operations: number, run: () => void): void {
    const start = performance.now();
    run();
    const each = ((performance.now() - start) * 1e6) / operations;
    this.best[which] = Math.min(this.best[which] as number, each);
  }
}

function fourKilobyteRound(door: Door, watch: Stopwatch): void {
  watch.measure(0, PAGES, () => {
    for (let n = 0; n < PAGES; n++) door.map(0x100000 + n, 0x200001 + n, 1);
  });
  watch.measure(1, PAGES, () => {
    let state = 12345;
    for (let n = 0; n < PAGES; n++) {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      door.translate(0x100000 + (state & (PAGES - 1)));
    }
  });
  watch.measure(2, PAGES, () => {
    for (let n = 0; n < PAGES; n += 64) door.unmap(0x100000 + n, 64);
  });
}

/** Nanoseconds for each operation of each pattern, the best of several rounds. */
export function measure(kind: 'page numbers' | 'bigint'): number[] {
  const memory = new PhysicalMemory({
    ram: [{ start: '0x100000', lengthBytes: '0x20000000' }],
    tableArenaBytes: 0x10000000,
  });
  const table = PageTable.create(memory, vtdSecondStage, { levels: 4 });
  if (typeof table === 'string') throw new Error(table);
  const door = kind === 'bigint' ? bigints(table) : pageNumbers(table);
  const watch = new Stopwatch();
  for (let round = 0; round < ROUNDS; round++) {
    fourKilobyteRound(door, watch);
    table.releaseGathered();
    watch.measure(3, PAGES, () => {
      for (let n = 0; n < PAGES; n += 512) {
        door.map(0x100000 + n, 0x200001 + n, 512);
        door.unmap(0x100000 + n, 512);
        table.releaseGathered();
      }
    });
    watch.measure(4, 8 * 204, () => {
      for (let n = 0; n < 8; n++) {
        const base = n * 0x100000;
        door.map(base, 0x40000000 + base, 0x40000 + 512 * 3 + 5);
        door.map(base + 0x80000, 0x40000001 + base, 600);
        for (let k = 0; k < 200; k++) door.translate(base + k * 1311);
        door.unmap(base + 0x80000, 600);
        door.unmap(base, 0x40000 + 512 * 3 + 5);
        table.releaseGathered();
      }
    });
  }
  return watch.best;
}
