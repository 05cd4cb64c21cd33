import { describe, expect, it } from 'vitest';
import { VFIO_IOMMU_DIRTY_PAGES } from '../../src/type1/uapi';
import { Container, MEMORY, MIB, words } from './container';

const START = 1;
const STOP = 2;
/** Where the bitmaps of these tests lie. */
const BITMAP = 0x1000_8000_0000n;
const ALL = 0xffff_ffff_ffff_ffffn;

function tracking(...mappings: readonly (readonly [bigint, bigint])[]): Container {
  const container = new Container();
  container.memory(MEMORY, 32n * MIB);
  container.memory(BITMAP, MIB);
  for (const [iova, size] of mappings) expect(container.map(iova, MEMORY, size)).toBe(0);
  expect(container.dirty(START)).toBe(0);
  return container;
}

describe('DIRTY_PAGES', () => {
  it('is not for v1 containers', () => {
    expect(new Container({ type: 1 }).dirty(START)).toBe('EACCES');
  });

  it('takes exactly one flag', () => {
    const container = new Container();
    for (const flags of [0, 8, 3, 5, 7, 0x80000001]) expect(container.dirty(flags)).toBe('EINVAL');
    expect(container.ioctl(VFIO_IOMMU_DIRTY_PAGES, words([4, START], []))).toBe('EINVAL');
    expect(container.ioctl(VFIO_IOMMU_DIRTY_PAGES, words([8], []))).toBe('EFAULT');
  });

  it('starts and stops as often as one likes', () => {
    const container = new Container();
    for (const flags of [STOP, START, START, STOP, STOP]) expect(container.dirty(flags)).toBe(0);
  });

  it('reads nothing while nothing is tracked', () => {
    const container = tracking([0x100000n, MIB]);
    expect(container.dirtyBitmap(0x100000n, MIB, BITMAP, 32n)).toBe(0);
    expect(container.dirty(STOP)).toBe(0);
    expect(container.dirtyBitmap(0x100000n, MIB, BITMAP, 32n)).toBe('EINVAL');
  });

  it('reports everything mapped as dirty, each time, read-only too', () => {
    const container = tracking([0x100000n, MIB]);
    expect(container.map(0x400000n, MEMORY, MIB, 1)).toBe(0);
    for (const iova of [0x100000n, 0x100000n, 0x400000n]) {
      container.task.mm.fillBytes(BITMAP, 64, 0);
      expect(container.dirtyBitmap(iova, MIB, BITMAP, 40n)).toBe(0);
      expect(container.bitmapWords(BITMAP, 5)).toEqual([ALL, ALL, ALL, ALL, 0n]);
    }
    container.expectSound();
  });

  it('leaves the bits of holes alone', () => {
    const container = tracking([0x100000n, MIB]);
    expect(container.dirtyBitmap(0n, 0x200000n, BITMAP, 64n)).toBe(0);
    expect(container.bitmapWords(BITMAP, 8)).toEqual([0n, 0n, 0n, 0n, ALL, ALL, ALL, ALL]);
    container.task.mm.fillBytes(BITMAP, 64, 0x55);
    expect(container.dirtyBitmap(0x1000000n, MIB, BITMAP, 32n)).toBe(0);
    expect(container.bitmapWords(BITMAP, 1)).toEqual([0x5555555555555555n]);
  });

  it('merges mappings that share a word', () => {
    const container = tracking([0x100000n, 0x3000n], [0x105000n, 0x2000n], [0x10a000n, 0x40000n]);
    expect(container.dirtyBitmap(0x100000n, MIB, BITMAP, 32n)).toBe(0);
    // Bits 0 to 2, 5, 6, and 10 to 73.
    expect(container.bitmapWords(BITMAP, 2)).toEqual([0xfffffffffffffc67n, 0x3ffn]);
  });

  it('refuses a range that cuts a mapping, and takes a wider one', () => {
    const container = tracking([0x100000n, MIB]);
    expect(container.dirtyBitmap(0x100000n, 0x1000n, BITMAP, 8n)).toBe('EINVAL');
    expect(container.dirtyBitmap(0x101000n, 0xff000n, BITMAP, 32n)).toBe('EINVAL');
    expect(container.dirtyBitmap(0n, 0x300000n, BITMAP, 96n)).toBe(0);
  });

  it('answers bad arguments as recorded', () => {
    const container = tracking([0x100000n, MIB]);
    for (const [iova, size, pageBytes, bytes] of [
      [0x100000n, MIB, 0x1000n, 24n],
      [0x100000n, MIB, 0x1000n, 0n],
      [0x100000n, MIB, 0x2000n, 16n],
      [0x100000n, MIB, 0n, 32n],
      [0x100000n, MIB, 0x3000n, 32n],
      [0x100000n, 0x1001n, 0x1000n, 8n],
      [0x100001n, 0x1000n, 0x1000n, 8n],
      [0x100000n, 0n, 0x1000n, 8n],
      [0xfffffffffffff000n, 0x2000n, 0x1000n, 8n],
      [0x100000n, MIB, 0x1000n, 0x10000008n],
    ] as const) {
      expect(container.dirtyBitmap(iova, size, BITMAP, bytes, pageBytes)).toBe('EINVAL');
    }
    const short = words([40, 4], [0x100000n, MIB, 0x1000n, 32n]);
    expect(container.ioctl(VFIO_IOMMU_DIRTY_PAGES, short)).toBe('EINVAL');
    const cut = words([48, 4], [0x100000n, MIB, 0x1000n, 32n]);
    expect(container.ioctl(VFIO_IOMMU_DIRTY_PAGES, cut)).toBe('EFAULT');
    expect(container.dirtyBitmap(0x100000n, MIB, 0x2000_0000_0000n, 32n)).toBe('EFAULT');
    expect(container.dirtyBitmap(0x100000n, MIB, 0x8000_0000_0000n, 32n)).toBe('EINVAL');
  });

  it('refuses to start where a mapping is too large for a bitmap', () => {
    const container = new Container({ groups: [] });
    expect(container.map(0n, 0n, 2n ** 43n)).toBe(0);
    expect(container.dirty(START)).toBe('EINVAL');
    expect(container.iommu.dirtyTracking.value).toBe(false);
  });

  it('refuses such a mapping while tracking, and leaves nothing of it', () => {
    const container = new Container({ groups: [] });
    expect(container.dirty(START)).toBe(0);
    expect(container.map(0n, 0n, 2n ** 43n)).toBe('EINVAL');
    expect(container.counts).toMatchObject({ dmas: 0, avail: 65535 });
    expect(container.map(0n, 0n, 2n ** 43n - 4096n)).toBe(0);
  });
});

describe('UNMAP_DMA with a dirty bitmap', () => {
  it('reports what it removes', () => {
    const container = tracking([0x100000n, MIB], [0x300000n, 0x1000n]);
    const bitmap = { bitmapBytes: 96n, data: BITMAP };
    expect(container.unmapDirty(0x100000n, 0x300000n, bitmap)).toBe(0x101000n);
    const reported = container.bitmapWords(BITMAP, 9);
    expect(reported).toEqual([ALL, ALL, ALL, ALL, 0n, 0n, 0n, 0n, 1n]);
    expect(container.counts.dmas).toBe(0);
    container.expectSound();
  });

  it('answers bad arguments and removes nothing', () => {
    const container = tracking([0x100000n, MIB]);
    const good = { bitmapBytes: 32n, data: BITMAP };
    expect(container.unmapDirty(0x100000n, MIB, { ...good, bitmapBytes: 24n })).toBe('EINVAL');
    expect(container.unmapDirty(0x100000n, MIB, { ...good, pageBytes: 0x2000n })).toBe('EINVAL');
    expect(container.unmapDirty(0x100000n, MIB, { ...good, data: 0x2000_0000_0000n })).toBe('EFAULT');
    expect(container.unmapDirty(0n, 0n, good, 3)).toBe('EINVAL');
    expect(container.unmapDirty(0x100000n, MIB, good, 5)).toBe('EINVAL');
    expect(container.unmap(0x100000n, MIB, 1)).toBe('EINVAL');
    expect(container.dirty(STOP)).toBe(0);
    expect(container.unmapDirty(0x100000n, MIB, good)).toBe('EINVAL');
    expect(container.counts.dmas).toBe(1);
  });
});

describe('the scope of dirty pages', () => {
  it('is everything once after a group that could write anything has left', () => {
    const container = new Container({ groups: ['solo1', 'solo2'] });
    container.memory(MEMORY, MIB);
    container.memory(BITMAP, MIB);
    expect(container.map(0x100000n, MEMORY, 0x2000n)).toBe(0);
    expect(container.dirty(START)).toBe(0);
    container.detach('solo2');
    expect(container.iommu.nonPinnedGroups.value).toBe(1);
    const [dma] = container.iommu.dmas.structure.values();
    expect(dma?.state.value.allDirty).toBe(true);
    expect(container.dirtyBitmap(0x100000n, 0x2000n, BITMAP, 8n)).toBe(0);
    expect(dma?.state.value.allDirty).toBe(false);
  });
});
