import { inject } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import { Container, MEMORY, MIB } from './container';

/** The hardware and pin operations of `body`, each with the object that it works on. */
function operations(container: Container, body: () => void): string[] {
  const { world } = container.kernel;
  const seen: string[] = [];
  world.listener = (event) => {
    const counts = event.name.startsWith('hw.') || event.name.includes('pin_user_pages');
    if (event.kind === 'operation' && counts && event.name !== 'hw.iova_to_phys') {
      seen.push(`${event.name} ${event.target.replace(/#.*/, '')}`);
    }
  };
  body();
  world.listener = null;
  return seen;
}

function twoDomains(): Container {
  const container = new Container();
  container.memory(MEMORY, 4n * MIB);
  inject(container.kernel, { operation: 'attach_dev', device: null, passes: 1, errno: 'EINVAL' });
  expect(container.attach('solo2')).toBe(0);
  return container;
}

/** Touches pages from the last to the first, so that no two neighbours lie in neighbouring frames. */
function scatter(container: Container, pages: bigint): void {
  for (let n = pages - 1n; n >= 0n; n--) container.task.mm.physicalOf(MEMORY + (n << 12n));
}

const MAP = 'hw.map iommu_domain';
const UNMAP = 'hw.unmap iommu_domain';
const FLUSH = 'hw.invalidate_iotlb_range iommu:dmar0';
const PIN = 'pin_user_pages vfio_dma';
const UNPIN = 'unpin_user_pages vfio_dma';

describe('the order of hardware operations', () => {
  it('of a map: a run is pinned, then mapped in each domain', () => {
    const container = twoDomains();
    const seen = operations(container, () => container.map(0n, MEMORY, 0x10000n));
    // Caching mode: a new entry is flushed too.
    expect(seen).toEqual([PIN, MAP, FLUSH, MAP, FLUSH]);
  });

  it('of an unmap: other domains and their flush, the first domain and its flush, the pages', () => {
    const container = twoDomains();
    expect(container.map(0n, MEMORY, 0x10000n)).toBe(0);
    const [first, second] = container.domains;
    const labels: string[] = [];
    const seen = operations(container, () => {
      const { world } = container.kernel;
      const inner = world.listener;
      world.listener = (event) => {
        inner?.(event);
        if (event.name === 'hw.unmap') labels.push(event.target);
      };
      container.unmap(0n, 0x10000n);
    });
    expect(labels).toEqual([second?.label, first?.label]);
    const flushes = seen.filter((name) => name.startsWith('hw.invalidate')).length;
    expect(seen.filter((name) => !name.startsWith('hw.free_tables'))).toEqual([
      UNMAP,
      FLUSH,
      UNMAP,
      FLUSH,
      UNPIN,
    ]);
    expect(flushes).toBe(2);
  });

  it('of scattered pages: each its own run, at most 512 runs wait for a flush', () => {
    const container = new Container();
    container.memory(MEMORY, 4n * MIB);
    scatter(container, 600n);
    const size = 600n << 12n;
    const mapped = operations(container, () => container.map(0n, MEMORY, size));
    expect(mapped.filter((name) => name === PIN)).toHaveLength(600);
    const { unit, pci } = container.kernel.machine;
    const requester = pci.find('0000:01:00.0')?.requesterId ?? -1;
    for (const page of [0, 255, 511, 599]) unit?.translate(requester, page, 0);
    const seen = operations(container, () => container.unmap(0n, size));
    const id = container.domains[0]?.hardwareId.value ?? -1;
    for (const page of [0, 255, 511, 599]) expect([page, unit?.iotlbHas(id, page)]).toEqual([page, false]);
    const firstUnpin = seen.indexOf(UNPIN);
    expect(seen.slice(0, firstUnpin).filter((name) => name === UNMAP)).toHaveLength(512);
    expect(seen.filter((name) => name === UNMAP)).toHaveLength(600);
    expect(seen.filter((name) => name.startsWith('hw.invalidate'))).toHaveLength(2);
    expect(seen.filter((name) => name === UNPIN)).toHaveLength(600);
    container.expectSound();
  });

  it('of a replay: translations are copied in runs and nothing is pinned again', () => {
    const container = new Container();
    container.memory(MEMORY, 4n * MIB);
    expect(container.map(0n, MEMORY, 0x10000n)).toBe(0);
    inject(container.kernel, { operation: 'attach_dev', device: null, passes: 1, errno: 'EINVAL' });
    const seen = operations(container, () => container.attach('solo2'));
    expect(seen.filter((name) => name === PIN)).toEqual([]);
    // The probe for large pages and the one run.
    expect(seen.filter((name) => name === MAP)).toHaveLength(2);
  });
});

describe('what a million maps leave behind', () => {
  it('is nothing: objects, tree and trace records stay as many as they were', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    for (let n = 0; n < 10; n++) expect(container.map(BigInt(n) << 13n, MEMORY, 0x1000n)).toBe(0);
    const { world } = container.kernel;
    const before = new Map(world.liveObjects());
    for (let n = 0; n < 2000; n++) {
      container.map(0x1000n, MEMORY, 0x1000n);
      container.unmap(0x1000n, 0x1000n);
    }
    expect(new Map(world.liveObjects())).toEqual(before);
    expect(container.iommu.dmas.structure.size).toBe(10);
    expect(world.violations).toEqual([]);
    let trailing = -1;
    container.run(function* look() {
      yield* container.iommu.lock.lock();
      trailing = world.current?.performed.length ?? -1;
      yield* container.iommu.lock.unlock();
    });
    expect(trailing).toBeLessThan(10);
  });
});
