import { type Op, randomScheduler, runSchedule } from '@iommu-lab/explorer';
import { inject } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import { VFIO_IOMMU_MAP_DMA, VFIO_IOMMU_UNMAP_DMA } from '../../src/type1/uapi';
import { Container, MEMORY, MIB, words } from './container';

function race(container: Container, seed: number, ...bodies: (() => Op<unknown>)[]): unknown[] {
  const { world } = container.kernel;
  const threads = bodies.map((body, index) => ({ name: `t${index}`, body, task: container.task }));
  const result = runSchedule(world, threads, randomScheduler(seed));
  expect(world.violations).toEqual([]);
  expect([...world.unguarded]).toEqual([]);
  return result.fibers.map((fiber) => fiber.result);
}

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed + 1);

describe('a map while a group joins with a domain of its own', () => {
  it('ends in both domains, whoever comes first', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    const target = container.target('solo2');
    const map = words([32, 3], [MEMORY, 0x100000n, 0x2000n]);
    for (const seed of SEEDS) {
      container.run(() => container.system.ownership.claim(target, container));
      inject(container.kernel, { operation: 'attach_dev', device: null, passes: 1, errno: 'EINVAL' });
      const answers = race(
        container,
        seed,
        () => container.backend.ioctl(container.task, VFIO_IOMMU_MAP_DMA, map),
        () => container.backend.attachGroup(target),
      );
      expect(answers).toEqual([0, 0]);
      const [first, second] = container.translations(0x101000n);
      expect([second, container.counts.pins]).toEqual([first, 2]);
      expect(first).toBeGreaterThan(0);
      expect(container.unmap(0n, 0n, 2)).toBe(0x2000n);
      container.detach('solo2');
    }
  });
});

describe('two unmaps of one mapping', () => {
  it('remove it once', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    for (const seed of SEEDS) {
      expect(container.map(0n, MEMORY, 0x2000n)).toBe(0);
      const unmaps = [0, 1].map(() => words([24, 0], [0n, 0x2000n]));
      race(
        container,
        seed,
        ...unmaps.map((unmap) => () => container.backend.ioctl(container.task, VFIO_IOMMU_UNMAP_DMA, unmap)),
      );
      const sizes = unmaps.map((unmap) => new DataView(unmap.buffer).getBigUint64(16, true));
      expect(new Set(sizes)).toEqual(new Set([0n, 0x2000n]));
      expect(container.counts).toMatchObject({ dmas: 0, pins: 0, lockedPages: 0 });
    }
  });
});

describe('checkpoint and restore', () => {
  it('take back maps and unmaps exactly', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    expect(container.map(0n, MEMORY, 0x3000n)).toBe(0);
    const { kernel, counts } = container;
    const mark = kernel.world.checkpoint();
    expect(container.map(0x100000n, MEMORY, 0x3000n)).toBe(0);
    expect(container.unmap(0n, 0x3000n)).toBe(0x3000n);
    expect(container.dirty(1)).toBe(0);
    kernel.world.restore(mark);
    expect(container.counts).toEqual(counts);
    expect(container.iommu.dirtyTracking.value).toBe(false);
    expect(container.unmap(0n, 0n, 2)).toBe(0x3000n);
    container.expectSound();
  });
});
