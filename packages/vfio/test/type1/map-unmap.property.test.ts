import { inject } from '@iommu-lab/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Container, MEMORY } from './container';

/**
 * The dumbest model: which mapping each page belongs to, and what lies behind the page. A mapping is known by its
 * first page; nothing is stored as a range.
 */
class Model {
  readonly mappingOf = new Map<number, number>();
  readonly userPageOf = new Map<number, number>();

  constructor(readonly v2: boolean) {}

  map(iovaPage: number, userPage: number, pages: number): number | string {
    for (let n = 0; n < pages; n++) if (this.mappingOf.has(iovaPage + n)) return 'EEXIST';
    for (let n = 0; n < pages; n++) if (userPage + n >= USER_PAGES) return 'EFAULT';
    for (let n = 0; n < pages; n++) {
      this.mappingOf.set(iovaPage + n, iovaPage);
      this.userPageOf.set(iovaPage + n, userPage + n);
    }
    return 0;
  }

  /** Pages removed, or EINVAL. */
  unmap(iovaPage: number, pages: number): number | string {
    const end = iovaPage + pages;
    const before = this.mappingOf.get(iovaPage);
    const atEnd = this.mappingOf.get(end - 1);
    if (this.v2) {
      if (before !== undefined && before < iovaPage) return 'EINVAL';
      if (atEnd !== undefined && this.mappingOf.get(end) === atEnd) return 'EINVAL';
    } else if (before !== undefined && before < iovaPage) return 0;
    const gone = new Set<number>();
    for (let page = iovaPage; page < end; page++) {
      const mapping = this.mappingOf.get(page);
      if (mapping !== undefined) gone.add(mapping);
    }
    let removed = 0;
    for (const [page, mapping] of [...this.mappingOf]) {
      if (!gone.has(mapping)) continue;
      this.mappingOf.delete(page);
      this.userPageOf.delete(page);
      removed++;
    }
    return removed;
  }
}

const USER_PAGES = 24;
const IOVA_PAGES = 40;
const FIRST = Number(MEMORY >> 12n);
/** Where the iovas lie: over the border of two tables, so that tables come and go. */
const BASE = 512 - 20;

const step = fc.oneof(
  fc.record({
    kind: fc.constant('map' as const),
    iova: fc.nat(IOVA_PAGES - 1),
    user: fc.nat(USER_PAGES),
    pages: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({
    kind: fc.constant('unmap' as const),
    iova: fc.nat(IOVA_PAGES - 1),
    user: fc.constant(0),
    pages: fc.integer({ min: 1, max: 14 }),
  }),
);

const bytes = (page: number) => BigInt(page) << 12n;

function checkAgainst(container: Container, model: Model): void {
  const pagesOfDomains: number[] = [];
  const wanted: number[] = [];
  for (let n = 0; n < IOVA_PAGES + 10; n++) {
    const userPage = model.userPageOf.get(BASE + n);
    const physical = userPage === undefined ? -1 : container.task.mm.resolve(FIRST + userPage, true);
    for (const translated of container.translations(bytes(BASE + n))) {
      pagesOfDomains.push(translated);
      wanted.push(physical);
    }
  }
  expect(pagesOfDomains).toEqual(wanted);
  const mappings = new Set(model.mappingOf.values()).size;
  const pages = model.userPageOf.size;
  expect(container.counts).toEqual({
    dmas: mappings,
    lockedPages: pages,
    pins: pages,
    avail: 65535 - mappings,
  });
}

describe.each([
  ['v1', 1, ['solo1']],
  ['v2', 3, ['solo1']],
  ['v2 over two domains', 3, ['solo1', 'solo2']],
] as const)('sequences of MAP_DMA and UNMAP_DMA, %s', (_, type, [first, second]) => {
  it('answer and translate as a map of pages does', () => {
    // Booted once: what a run leaves behind would be seen by the next.
    const container = new Container({ type, groups: [first] });
    if (second !== undefined) {
      inject(container.kernel, { operation: 'attach_dev', device: null, passes: 1, errno: 'EINVAL' });
      expect(container.attach(second)).toBe(0);
      expect(container.domainLabels).toHaveLength(2);
    }
    container.memory(MEMORY, bytes(USER_PAGES));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model = new Model(type === 3);
        for (const { kind, iova, user, pages } of steps) {
          if (kind === 'map') {
            const answer = container.map(bytes(BASE + iova), bytes(FIRST + user), bytes(pages));
            expect(answer).toBe(model.map(BASE + iova, user, pages));
          } else {
            const removed = model.unmap(BASE + iova, pages);
            const answer = container.unmap(bytes(BASE + iova), bytes(pages));
            expect(answer).toBe(typeof removed === 'number' ? bytes(removed) : removed);
          }
        }
        checkAgainst(container, model);
        expect(container.unmap(0n, 0n, 2)).toBe(bytes(model.mappingOf.size));
        checkAgainst(container, new Model(true));
        container.expectSound();
      }),
      { numRuns: 100 },
    );
  });
});
