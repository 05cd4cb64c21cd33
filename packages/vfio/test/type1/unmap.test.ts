import { describe, expect, it } from 'vitest';
import { VFIO_IOMMU_UNMAP_DMA } from '../../src/type1/uapi';
import { Container, MEMORY, MIB, words } from './container';

const ONE = 0x100000n;

function mapped(type: number, ...iovas: readonly bigint[]): Container {
  const container = new Container({ type });
  container.memory(MEMORY, 32n * MIB);
  for (const iova of iovas) expect(container.map(iova, MEMORY, ONE)).toBe(0);
  return container;
}

describe('UNMAP_DMA of a v2 container', () => {
  it('refuses to cut a mapping at either end', () => {
    const container = mapped(3, 0x400000n, 0x500000n, 0x800000n);
    for (const [iova, size] of [
      [0x400000n, 0x1000n],
      [0x4ff000n, 0x1000n],
      [0x408000n, 0x1000n],
      [0x300000n, 0x101000n],
      [0x4ff000n, 0x100000n],
      [0x400000n, 0x101000n],
    ] as const) {
      expect(container.unmap(iova, size)).toBe('EINVAL');
    }
    expect(container.counts.dmas).toBe(3);
  });

  it('removes whole mappings, holes included, and says how much', () => {
    const container = mapped(3, 0x400000n, 0x500000n, 0x800000n);
    expect(container.unmap(0x400000n, 0x200000n)).toBe(0x200000n);
    expect(container.unmap(0n, 0x1000000n)).toBe(ONE);
    expect(container.unmap(0n, 0x1000000n)).toBe(0n);
    expect(container.counts).toEqual({ dmas: 0, lockedPages: 0, pins: 0, avail: 65535 });
    container.expectSound();
  });
});

describe('UNMAP_DMA of a v1 container', () => {
  it('removes all of a mapping whose start lies in the range', () => {
    const container = mapped(1, 0x400000n);
    expect(container.unmap(0x400000n, 0x1000n)).toBe(ONE);
    expect(container.unmap(0x4ff000n, 0x1000n)).toBe(0n);
  });

  it('removes nothing of a mapping that starts before the range', () => {
    const container = mapped(1, 0x400000n);
    for (const [iova, size] of [
      [0x4ff000n, 0x1000n],
      [0x408000n, 0x1000n],
      [0x4ff000n, 0x100000n],
    ] as const) {
      expect(container.unmap(iova, size)).toBe(0n);
    }
    expect(container.counts.dmas).toBe(1);
  });

  it('removes the whole last mapping too when the range ends inside it', () => {
    const container = mapped(1, 0x400000n, 0x500000n);
    expect(container.unmap(0x400000n, 0x101000n)).toBe(0x200000n);
  });

  it('stops at a mapping that starts before the range even if others follow', () => {
    const container = mapped(1, 0x400000n, 0x500000n);
    expect(container.unmap(0x401000n, 0x1ff000n)).toBe(0n);
    expect(container.counts.dmas).toBe(2);
  });
});

describe.each([1, 3])('UNMAP_DMA, type %i', (type) => {
  it('answers bad arguments as recorded', () => {
    const container = mapped(type, 0x400000n);
    for (const [iova, size, flags] of [
      [0x400000n, 0n, 0],
      [0x400001n, 0x1000n, 0],
      [0x400000n, 0x1001n, 0],
      [0x400000n, 1n, 0],
      [0xfffffffffffff000n, 0x2000n, 0],
      [0n, 0xffffffffffffffffn, 0],
      [0x400000n, ONE, 0x80000000],
      [0x400000n, ONE, 8],
      [0n, 0x1000n, 2],
      [0x1000n, 0n, 2],
      [0n, 0n, 3],
    ] as const) {
      expect(container.unmap(iova, size, flags)).toBe('EINVAL');
    }
    expect(container.unmap(0xfffffffffffff000n, 0x1000n)).toBe(0n);
    expect(container.unmap(0n, 0xfffffffffffff000n)).toBe(ONE);
  });

  it('takes argsz of 24 and more', () => {
    const container = mapped(type, 0x400000n);
    for (const argsz of [0, 8, 16]) {
      expect(container.ioctl(VFIO_IOMMU_UNMAP_DMA, words([argsz, 0], [0x400000n, ONE]))).toBe('EINVAL');
    }
    expect(container.ioctl(VFIO_IOMMU_UNMAP_DMA, words([24, 0], [0x400000n]))).toBe('EFAULT');
    expect(container.ioctl(VFIO_IOMMU_UNMAP_DMA, words([32, 0], [0x400000n, ONE]))).toBe(0);
  });

  it('removes everything with ALL', () => {
    const container = mapped(type, 0x400000n, 0x800000n, 0x7ffff00000n);
    expect(container.unmap(0n, 0n, 2)).toBe(0x300000n);
    expect(container.unmap(0n, 0n, 2)).toBe(0n);
    container.expectSound();
  });

  it('flushes before it frees: the IOTLB has nothing of what was unmapped', () => {
    const container = mapped(type, 0x400000n);
    const { unit, pci } = container.kernel.machine;
    const requester = pci.find('0000:01:00.0')?.requesterId as number;
    expect(unit?.translate(requester, 0x400, 0)).toBe(container.translations(0x400000n)[0]);
    expect(unit?.iotlbHas(container.domains[0]?.hardwareId.value as number, 0x400)).toBe(true);
    expect(container.unmap(0x400000n, ONE)).toBe(ONE);
    expect(unit?.iotlbHas(container.domains[0]?.hardwareId.value as number, 0x400)).toBe(false);
    expect(unit?.translate(requester, 0x400, 0)).toBeLessThan(0);
  });
});

describe('a new vaddr', () => {
  it('replaces the old one of exactly the same range', () => {
    const container = mapped(3, 0x400000n);
    expect(container.map(0x400000n, MEMORY + ONE, ONE, 4)).toBe('EINVAL');
    expect(container.unmap(0x400000n, ONE, 4)).toBe(ONE);
    expect(container.iommu.vaddrInvalidCount.value).toBe(1);
    expect(container.counts.pins).toBe(256);
    expect(container.map(0x400000n, MEMORY + ONE, 0x1000n, 4)).toBe('EINVAL');
    expect(container.map(0x300000n, MEMORY + ONE, ONE, 4)).toBe('ENOENT');
    expect(container.map(0x400000n, MEMORY + ONE, ONE, 4)).toBe(0);
    expect(container.iommu.vaddrInvalidCount.value).toBe(0);
    expect(container.map(0x400000n, MEMORY + ONE, ONE, 4)).toBe('EINVAL');
  });

  it('undoes its marks at a mapping that is marked already', () => {
    const container = mapped(3, 0x400000n, 0x500000n);
    expect(container.unmap(0x500000n, ONE, 4)).toBe(ONE);
    expect(container.unmap(0x400000n, 0x200000n, 4)).toBe('EINVAL');
    expect(container.iommu.vaddrInvalidCount.value).toBe(1);
    expect(container.unmap(0x400000n, ONE, 4)).toBe(ONE);
    expect(container.unmap(0n, 0n, 6)).toBe('EINVAL');
    expect(container.unmap(0n, 0n, 2)).toBe(0x200000n);
    expect(container.iommu.vaddrInvalidCount.value).toBe(0);
  });

  it('marks everything with ALL', () => {
    const container = mapped(3, 0x400000n, 0x500000n);
    expect(container.unmap(0n, 0n, 6)).toBe(0x200000n);
    expect(container.iommu.vaddrInvalidCount.value).toBe(2);
    container.expectSound();
  });

  it('keeps groups out of the container meanwhile', () => {
    const container = mapped(3, 0x400000n);
    expect(container.unmap(0x400000n, ONE, 4)).toBe(ONE);
    expect(container.attach('solo2')).toBe('EBUSY');
    expect(container.map(0x400000n, MEMORY, ONE, 4)).toBe(0);
    expect(container.attach('solo2')).toBe(0);
  });
});
