/** Property: a page table answers as a plain list of leaves does, at 3, 4 and 5 levels, with large pages. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERRNO, PageTable, PhysicalMemory, vtdSecondStage } from '../src/index';

interface Leaf {
  start: number;
  pages: number;
  physical: number;
  prot: number;
}

const SIZES = [262144, 512, 1];

/** The dumbest model: leaves in a list, every question a scan. */
class Model {
  leaves: Leaf[] = [];
  mapped = 0;

  constructor(readonly inputPages: number) {}

  find(page: number): Leaf | undefined {
    return this.leaves.find((leaf) => page >= leaf.start && page < leaf.start + leaf.pages);
  }
  map(iova: number, physical: number, pages: number, prot: number): number {
    this.mapped = 0;
    if (iova + pages > this.inputPages) return -ERRNO.ERANGE;
    while (this.mapped < pages) {
      const [start, target, left] = [iova + this.mapped, physical + this.mapped, pages - this.mapped];
      const size = SIZES.find((s) => s <= left && start % s === 0 && target % s === 0) as number;
      const inTheWay = this.leaves.some(
        (leaf) => leaf.start < start + size && leaf.start + leaf.pages > start,
      );
      if (inTheWay) return -ERRNO.EADDRINUSE;
      this.leaves.push({ start, pages: size, physical: target, prot });
      this.mapped += size;
    }
    return 0;
  }
  unmap(iova: number, pages: number): number {
    let page = iova;
    if (iova + pages > this.inputPages) return 0;
    while (page < iova + pages) {
      const leaf = this.find(page);
      if (leaf === undefined || leaf.start !== page) break;
      this.leaves.splice(this.leaves.indexOf(leaf), 1);
      page += leaf.pages;
    }
    return page - iova;
  }
  translate(page: number): number {
    const leaf = this.find(page);
    return leaf === undefined ? -1 : leaf.physical + page - leaf.start;
  }
}

/** Places where leaves and tables begin and end, so that operations meet; multiples of `unit` (1, 512 or 262144). */
const place = (inputPages: number, unit: number) =>
  fc
    .record({
      base: fc.constantFrom(0, 2 ** 18, 2 ** 26 - 2 ** 19, inputPages - 2 ** 20, Math.floor(inputPages / 2)),
      gigabytes: fc.nat(2),
      megabytes: fc.constantFrom(0, 0, 1, 2, 511),
      pages: fc.constantFrom(0, 0, 0, 1, 2, 511),
    })
    .map(({ base, gigabytes, megabytes, pages }) => {
      const page = base + gigabytes * 262144 + megabytes * 512 + pages;
      return page - (page % unit);
    });

/** Ranges that are made of leaves of `unit`, and a few smaller ones; long ones are in phase, or the model crawls. */
const range = (inputPages: number) =>
  fc.constantFrom(1, 1, 512, 262144).chain((unit) =>
    fc.record({
      iova: place(inputPages, unit),
      physical: place(2 ** 30, unit),
      pages: fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(0, 0, 1, 512, 515))
        .map(([n, more]) => n * unit + more),
    }),
  );

const operation = (inputPages: number) =>
  fc.oneof(
    fc
      .tuple(range(inputPages), fc.integer({ min: 1, max: 3 }))
      .map(([r, prot]) => ({ op: 'map' as const, ...r, prot })),
    range(inputPages).map((r) => ({ op: 'unmap' as const, ...r })),
    fc.constant({ op: 'release' as const }),
  );

function create(levels: 3 | 4 | 5): PageTable {
  const memory = new PhysicalMemory({
    ram: [{ start: '0x0', lengthBytes: '0x4000000' }],
    tableArenaBytes: 0x1000000,
  });
  const table = PageTable.create(memory, vtdSecondStage, { levels });
  if (typeof table === 'string') throw new Error(table);
  return table;
}

/** Pages at and around the edges of every leaf that translate differently, and leaves of another size or right. */
function differences(table: PageTable, model: Model): string[] {
  const found: string[] = [];
  for (const { start, pages, prot } of model.leaves) {
    for (const page of [start - 1, start, start + Math.floor(pages / 3), start + pages - 1, start + pages]) {
      const [seen, expected] = [page < 0 ? -1 : table.translate(page), model.translate(page)];
      if (seen !== expected) found.push(`${page}: ${seen}, not ${expected}`);
    }
    const walk = table.walk(BigInt(start) << 12n);
    const [size, permission] = [BigInt(pages) << 12n, ['', 'r', 'w', 'rw'][prot]];
    if (walk.physical === null || walk.pageSize !== size || walk.permission !== permission)
      found.push(`leaf ${start}`);
  }
  return found;
}

describe.each([3, 4, 5] as const)('%i levels', (levels) => {
  const inputPages = 2 ** (9 * levels);

  it('map, unmap and translate as the model', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(operation(inputPages), { maxLength: 24 }), (operations) => {
        const table = create(levels);
        const model = new Model(inputPages);
        for (const step of operations) {
          if (step.op === 'release') table.releaseGathered();
          else if (step.op === 'unmap') {
            expect(table.unmapRange(step.iova, step.pages)).toBe(model.unmap(step.iova, step.pages));
          } else {
            const { iova, physical, pages, prot } = step;
            expect(table.mapRange(iova, physical, pages, prot)).toBe(model.map(iova, physical, pages, prot));
            expect(table.mappedPages).toBe(model.mapped);
          }
          expect(differences(table, model)).toEqual([]);
        }
        const leaves = [...table.entries()].filter((entry) => !entry.isTable);
        expect(leaves.length).toBe(model.leaves.length);
      }),
      { numRuns: 100, seed: 20220222 },
    );
  });

  it('frees every table, whatever was done', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(operation(inputPages), { maxLength: 16 }), (operations) => {
        const memory = new PhysicalMemory({ ram: [{ start: '0x0', lengthBytes: '0x4000000' }] });
        const table = PageTable.create(memory, vtdSecondStage, { levels });
        if (typeof table === 'string') throw new Error(table);
        for (const step of operations) {
          if (step.op === 'map') table.mapRange(step.iova, step.physical, step.pages, step.prot);
          else if (step.op === 'unmap') table.unmapRange(step.iova, step.pages);
          else table.releaseGathered();
        }
        const linked = [...table.entries()].filter((entry) => entry.isTable).length;
        expect(memory.tablesInUse).toBe(1 + linked + table.gatheredTables);
        table.destroy();
        expect(memory.tablesInUse).toBe(0);
      }),
      { numRuns: 40, seed: 20220222 },
    );
  });
});
