import { describe, expect, it } from 'vitest';
import { VFIO_IOMMU_MAP_DMA } from '../../src/type1/uapi';
import { Container, MEMORY, MIB, words } from './container';

/**
 * iova, vaddr, size, flags, answer: the recording map/args, the same for v1 and v2 on 6.1, 6.12 and 7.2 but for what
 * wraps: there `wraps` stands for the answer.
 */
const RECORDED: readonly [bigint, bigint, bigint, number, string | number][] = [
  [0x100000n, MEMORY, 0x1000n, 0, 'EINVAL'],
  [0x100000n, MEMORY, 0x1000n, 8, 'EINVAL'],
  [0x100000n, MEMORY, 0x1000n, 11, 'EINVAL'],
  [0x100000n, MEMORY, 0x1000n, 0x80000003, 'EINVAL'],
  [0x100000n, MEMORY, 0x1000n, 4, 'ENOENT'],
  [0x100000n, MEMORY, 0x1000n, 7, 'EINVAL'],
  [0x100001n, MEMORY, 0x1000n, 3, 'EINVAL'],
  [0x100800n, MEMORY, 0x1000n, 3, 'EINVAL'],
  [0x100000n, MEMORY + 1n, 0x1000n, 3, 'EINVAL'],
  [0x100000n, MEMORY + 0x800n, 0x1000n, 3, 'EINVAL'],
  [0x100000n, MEMORY, 1n, 3, 'EINVAL'],
  [0x100000n, MEMORY, 0xfffn, 3, 'EINVAL'],
  [0x100000n, MEMORY, 0x1001n, 3, 'EINVAL'],
  [0x100000n, MEMORY, 0n, 3, 'EINVAL'],
  [0xfee00000n, MEMORY, 0x1000n, 3, 'EINVAL'],
  [0xfeefe000n, MEMORY, 0x1000n, 3, 'EINVAL'],
  [0xfeeff000n, MEMORY, 0x2000n, 3, 'EINVAL'],
  [0xfedff000n, MEMORY, 0x2000n, 3, 'EINVAL'],
  [0xfed00000n, MEMORY, 0x1000000n, 3, 'EINVAL'],
  [0x7ffffff000n, MEMORY, 0x2000n, 3, 'EINVAL'],
  [0x8000000000n, MEMORY, 0x1000n, 3, 'EINVAL'],
  [0xfffffffff000n, MEMORY, 0x1000n, 3, 'EINVAL'],
  [0xfffffffffffff000n, MEMORY, 0x1000n, 3, 'EINVAL'],
  [0xfffffffffffff000n, MEMORY, 0x2000n, 3, 'wraps'],
  [0x8000000000000000n, MEMORY, 0x8000000000000000n, 3, 'EINVAL'],
  [0x1000n, MEMORY, 0xfffffffffffff000n, 3, 'wraps'],
  [0n, MEMORY, 0xffffffffffffffffn, 3, 'wraps'],
  [0n, MEMORY, 0x8000000000000000n, 3, 'EINVAL'],
  [0x100000n, 0x100c80000000n, 0x1000n, 3, 'EFAULT'],
  [0x100000n, 0x100000f00000n, 0x200000n, 3, 'EFAULT'],
  [0x100000n, 0n, 0x1000n, 3, 'EFAULT'],
  [0x100000n, 0xfffffffffffff000n, 0x1000n, 3, 'EFAULT'],
  [0x100000n, 0xfffffffffffff000n, 0x2000n, 3, 'wraps'],
  [0x100000n, 0xffff800000000000n, 0x1000n, 3, 'EFAULT'],
  [0x100000n, MEMORY, 0x10000000000n, 3, 'EINVAL'],
  [0x100000n, MEMORY, 0x4000000000n, 3, 'EINVAL'],
];

/** iova and size of what the same recording maps and unmaps. */
const ACCEPTED: readonly [bigint, bigint][] = [
  [0x100000n, 0x1000n],
  [0n, 0x1000n],
  [0n, 0x1000000n],
  [0xfedff000n, 0x1000n],
  [0xfef00000n, 0x1000n],
  [0xfec00000n, 0x1000n],
  [0x7fffffe000n, 0x1000n],
  [0x7ffffff000n, 0x1000n],
];

describe.each([
  ['6.1', 1],
  ['6.1', 3],
  ['6.12', 1],
  ['6.12', 3],
  ['7.2', 1],
  ['7.2', 3],
] as const)('MAP_DMA on %s, type %i', (era, type) => {
  it('answers bad arguments as recorded and leaves nothing behind', () => {
    const container = new Container({ era, type });
    container.memory(MEMORY, 16n * MIB);
    const before = container.counts;
    for (const [iova, vaddr, size, flags, answer] of RECORDED) {
      const said = `${iova.toString(16)} ${vaddr.toString(16)} ${size.toString(16)} ${flags}`;
      const wraps = era === '7.2' ? 'EOVERFLOW' : 'EINVAL';
      const wanted = answer === 'wraps' ? wraps : answer;
      expect(`${said} ${container.map(iova, vaddr, size, flags)}`).toBe(`${said} ${wanted}`);
    }
    expect(container.counts).toEqual(before);
    container.expectSound();
  });

  it('maps and unmaps at every edge of the valid ranges', () => {
    const container = new Container({ era, type });
    container.memory(MEMORY, 16n * MIB);
    for (const [iova, size] of ACCEPTED) {
      expect(container.map(iova, MEMORY, size)).toBe(0);
      expect(container.unmap(iova, size)).toBe(size);
    }
    for (const flags of [1, 2, 3]) {
      expect(container.map(0x100000n, MEMORY, 0x1000n, flags)).toBe(0);
      expect(container.unmap(0x100000n, 0x1000n)).toBe(0x1000n);
    }
    expect(container.counts).toEqual({ dmas: 0, lockedPages: 0, pins: 0, avail: 65535 });
    container.expectSound();
  });

  it('refuses every overlap', () => {
    const container = new Container({ era, type });
    container.memory(MEMORY, 16n * MIB);
    expect(container.map(0x400000n, MEMORY, 0x400000n)).toBe(0);
    for (const [iova, size] of [
      [0x400000n, 0x400000n],
      [0x400000n, 0x1000n],
      [0x7ff000n, 0x1000n],
      [0x500000n, 0x100000n],
      [0x300000n, 0x200000n],
      [0x700000n, 0x200000n],
      [0x200000n, 0x800000n],
    ] as const) {
      expect(container.map(iova, MEMORY, size)).toBe('EEXIST');
    }
    expect(container.map(0x300000n, MEMORY, 0x100000n)).toBe(0);
    expect(container.map(0x800000n, MEMORY, 0x100000n)).toBe(0);
    expect(container.map(0x1000000n, MEMORY, 0x400000n)).toBe(0);
    expect(container.unmap(0n, 0x2000000n)).toBe(0xa00000n);
  });
});

describe('MAP_DMA', () => {
  it('reads argsz and flags before anything else', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    for (const argsz of [0, 8, 16, 24]) {
      expect(container.ioctl(VFIO_IOMMU_MAP_DMA, words([argsz, 3], [MEMORY, 0n, 0x1000n]))).toBe('EINVAL');
    }
    expect(container.ioctl(VFIO_IOMMU_MAP_DMA, words([40, 3], [MEMORY, 0n, 0x1000n]))).toBe(0);
    expect(container.ioctl(VFIO_IOMMU_MAP_DMA, words([32, 3], [MEMORY]))).toBe('EFAULT');
    expect(container.ioctl(0x3b6f, words([32, 3], []))).toBe('ENOTTY');
  });

  it('takes memory by what the device may do with it', () => {
    const container = new Container();
    container.memory(MEMORY, MIB, 'r-');
    expect(container.map(0x100000n, MEMORY, 0x1000n, 1)).toBe(0);
    expect(container.map(0x200000n, MEMORY, 0x1000n, 2)).toBe('EFAULT');
    expect(container.map(0x300000n, MEMORY, 0x1000n, 3)).toBe('EFAULT');
    container.memory(0x100040000000n, MIB, '--');
    expect(container.map(0x400000n, 0x100040000000n, 0x1000n, 1)).toBe('EFAULT');
  });

  it('rolls back when a page in the middle is missing', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    container.task.mm.removeArea(Number((MEMORY + 0x1000n) >> 12n), 1);
    expect(container.map(0x500000n, MEMORY, 0x3000n)).toBe('EFAULT');
    expect(container.counts).toEqual({ dmas: 0, lockedPages: 0, pins: 0, avail: 65535 });
    expect(container.translations(0x500000n)).toEqual([-1]);
    expect(container.map(0x500000n, MEMORY, 0x1000n)).toBe(0);
  });

  it('maps device memory without pinning or charging it', () => {
    const container = new Container();
    container.deviceMemory(0x100f00000000n, 0xfde00000n, MIB);
    expect(container.map(0x600000n, 0x100f00000000n, 0x2000n)).toBe(0);
    expect(container.translations(0x601000n)).toEqual([0xfde01]);
    expect(container.counts).toEqual({ dmas: 1, lockedPages: 0, pins: 0, avail: 65534 });
    expect(container.unmap(0n, 16n * MIB)).toBe(0x2000n);
    container.expectSound();
  });

  it('splits a range where memory and a device meet', () => {
    const container = new Container();
    container.memory(MEMORY, 0x2000n);
    container.deviceMemory(MEMORY + 0x2000n, 0xfde00000n, 0x1000n);
    expect(container.map(0n, MEMORY, 0x3000n)).toBe(0);
    expect(container.translations(0x2000n)).toEqual([0xfde00]);
    expect(container.counts).toMatchObject({ lockedPages: 2, pins: 2 });
    expect(container.unmap(0n, 0x3000n)).toBe(0x3000n);
    expect(container.counts).toMatchObject({ lockedPages: 0, pins: 0 });
  });

  it('splits it there even if the physical pages follow each other', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    const { memory } = container.kernel.machine;
    // The last page of memory below the hole at 640 KiB.
    const edge = Array.from({ length: 256 }, (_, n) => MEMORY + (BigInt(n) << 12n)).find(
      (vaddr) => container.task.mm.physicalOf(vaddr) === 0x9f000n,
    );
    if (edge === undefined) throw new Error('no page of the process lies below the hole');
    expect([memory.isRam(0x9f), memory.isRam(0xa0)]).toEqual([true, false]);
    container.deviceMemory(edge + 0x1000n, 0xa0000n, 0x1000n);
    expect(container.map(0n, edge, 0x2000n)).toBe(0);
    expect([container.translations(0n), container.translations(0x1000n)]).toEqual([[0x9f], [0xa0]]);
    expect(container.counts).toMatchObject({ pins: 1, lockedPages: 1 });
    expect(container.unmap(0n, 0x2000n)).toBe(0x2000n);
    expect(container.counts).toMatchObject({ pins: 0, lockedPages: 0 });
  });

  it('keeps pinned pages when the user unmaps them, and frees them with the mapping', () => {
    const container = new Container();
    container.memory(MEMORY, 0x1000n);
    expect(container.map(0n, MEMORY, 0x1000n)).toBe(0);
    const [page] = container.translations(0n);
    container.task.mm.removeArea(Number(MEMORY >> 12n), 1);
    const { memory } = container.kernel.machine;
    expect(memory.frameIsAllocated(page as number)).toBe(true);
    expect(container.unmap(0n, 0x1000n)).toBe(0x1000n);
    expect(memory.frameIsAllocated(page as number)).toBe(false);
  });

  it('only notes the range while the container has no domain', () => {
    const container = new Container({ groups: [] });
    expect(container.map(0x8000000000n, 0xdead000n, 0x1000n)).toBe(0);
    expect(container.counts).toEqual({ dmas: 1, lockedPages: 0, pins: 0, avail: 65534 });
    expect(container.unmap(0x8000000000n, 0x1000n)).toBe(0x1000n);
    container.expectSound();
  });

  it.each(['6.1', '6.12'] as const)(
    '%s never finds again what ends at the end of the address space',
    (era) => {
      const container = new Container({ era, groups: [] });
      expect(container.map(0xffffffffffffe000n, MEMORY, 0x2000n)).toBe(0);
      expect(container.unmap(0xffffffffffffe000n, 0x2000n)).toBe(0n);
      expect(container.unmap(0xffffffffffffe000n, 0x1000n)).toBe(0n);
      expect(container.unmap(0n, 0n, 2)).toBe(0n);
      expect(container.map(0x1000n, MEMORY, 0x1000n)).toBe(0);
      // A request that ends there finds nothing either: its end is 0 for the kernel too.
      expect(container.unmap(0x1000n, 0xfffffffffffff000n)).toBe(0n);
      expect(container.unmap(0n, 0n, 2)).toBe(0x1000n);
      expect(container.counts.dmas).toBe(1);
    },
  );

  it('7.2 finds what ends at the end of the address space', () => {
    const container = new Container({ era: '7.2', groups: [] });
    expect(container.map(0xffffffffffffe000n, MEMORY, 0x2000n)).toBe(0);
    expect(container.map(0xfffffffffffff000n, MEMORY, 0x1000n)).toBe('EEXIST');
    expect(container.unmap(0xffffffffffffe000n, 0x2000n)).toBe(0x2000n);
    expect(container.map(0xfffffffffffff000n, MEMORY, 0x1000n)).toBe(0);
    expect(container.unmap(0n, 0n, 2)).toBe(0x1000n);
    expect(container.counts.dmas).toBe(0);
  });
});

describe('the entry limit', () => {
  it('is read when the backend is opened and counts mappings', () => {
    const container = new Container({
      config: { moduleParameters: { 'vfio_iommu_type1.dma_entry_limit': 3 } },
    });
    container.memory(MEMORY, MIB);
    container.kernel.setParameter('vfio_iommu_type1.dma_entry_limit', 65535);
    for (const iova of [0n, 0x100000n, 0x200000n]) expect(container.map(iova, MEMORY, 0x1000n)).toBe(0);
    expect(container.map(0x300000n, MEMORY, 0x1000n)).toBe('ENOSPC');
    expect(container.map(0n, MEMORY, 0x1000n)).toBe('EEXIST');
    expect(container.map(0xfee00000n, MEMORY, 0x1000n)).toBe('ENOSPC');
    expect(container.unmap(0x100000n, 0x1000n)).toBe(0x1000n);
    expect(container.map(0x900000n, MEMORY, 0x1000n)).toBe(0);
    expect(container.map(0xa00000n, MEMORY, 0x1000n)).toBe('ENOSPC');
  });

  it('gets its entry back when a map fails', () => {
    const container = new Container();
    expect(container.map(0n, MEMORY, 0x1000n)).toBe('EFAULT');
    expect(container.counts.avail).toBe(65535);
  });
});
