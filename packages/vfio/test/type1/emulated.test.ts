import { PROT_READ, PROT_WRITE } from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import { IommuGroup, inject } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import type { EmulatedDevice } from '../../src/type1/emulated-device';
import { Container, MEMORY, MIB, type Setup } from './container';

const READ_WRITE = PROT_READ | PROT_WRITE;

/** A mediated device that unpins what it has pinned when it is told, or does not. */
class Mediated implements EmulatedDevice {
  readonly told: [number, number][] = [];
  obedient = true;
  #pinned: readonly [number, number] | null = null;

  constructor(readonly container: Container) {}

  pin(group: IommuGroup, iovaPage: number, pages: number, prot = READ_WRITE) {
    const { container } = this;
    const pinned = container.run(() => container.backend.pinPages(group, iovaPage, pages, prot));
    if (typeof pinned !== 'string') this.#pinned = [iovaPage, pages];
    return pinned;
  }

  *dmaUnmap(iovaPage: number, pages: number): Op<void> {
    this.told.push([iovaPage, pages]);
    const pinned = this.#pinned;
    if (!this.obedient || pinned === null) return;
    this.#pinned = null;
    yield* this.container.backend.unpinPages(pinned[0], pinned[1]);
  }
}

function withDevice(setup: Setup = { groups: [] }) {
  const container = new Container(setup);
  container.memory(MEMORY, 4n * MIB);
  const group = new IommuGroup(container.kernel, 100);
  expect(container.run(() => container.backend.attachEmulatedGroup(group))).toBe(0);
  const device = new Mediated(container);
  container.run(() => container.backend.registerDevice(device));
  return { container, group, device };
}

describe('a group of emulated devices', () => {
  it('joins without a domain, once, and not while a vaddr is invalid', () => {
    const { container, group } = withDevice();
    expect(container.domainLabels).toEqual([]);
    expect(container.run(() => container.backend.attachEmulatedGroup(group))).toBe('EINVAL');
    const other = new Container();
    other.memory(MEMORY, MIB);
    expect(other.map(0n, MEMORY, MIB)).toBe(0);
    expect(other.unmap(0n, MIB, 4)).toBe(MIB);
    const late = new IommuGroup(other.kernel, 100);
    expect(other.run(() => other.backend.attachEmulatedGroup(late))).toBe('EBUSY');
  });

  it('forbids new vaddrs', () => {
    const { container } = withDevice();
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    expect(container.unmap(0n, MIB, 4)).toBe('EBUSY');
    expect(container.run(() => container.backend.checkExtension(10))).toBe(0);
  });

  it('takes the mappings along when it is the last group', () => {
    const { container, group, device } = withDevice();
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    container.run(() => container.backend.unregisterDevice(device));
    container.run(() => container.backend.detachEmulatedGroup(group));
    expect(container.counts).toMatchObject({ dmas: 0, avail: 65535 });
    container.expectSound();
  });

  it('keeps the mappings, unpinned, when the last group with an IOMMU leaves', () => {
    const { container, group, device } = withDevice({ groups: ['solo1'] });
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    expect(device.pin(group, 3, 2)).toHaveLength(2);
    expect(container.counts).toMatchObject({ pins: 258, lockedPages: 256 });
    container.detach('solo1');
    expect(container.counts).toMatchObject({ dmas: 1, pins: 2, lockedPages: 2 });
    expect(container.iommu.dmas.structure.values()[0]?.state.value.iommuMapped).toBe(false);
    expect(container.iommu.iovaRanges.value).toEqual([{ first: 0n, last: 0xffffffffffffffffn }]);
    expect(container.attach('solo1')).toBe(0);
    expect(container.counts).toMatchObject({ dmas: 1, pins: 258, lockedPages: 256 });
    container.expectSound();
  });
});

describe('pinning by iova', () => {
  it('answers the physical pages, by reference, and charges each once', () => {
    const { container, group } = withDevice();
    expect(container.map(0x100000n, MEMORY, MIB)).toBe(0);
    expect(container.counts).toMatchObject({ pins: 0, lockedPages: 0 });
    const pin = () => container.run(() => container.backend.pinPages(group, 0x101, 2, READ_WRITE));
    const pinned = pin();
    expect(pinned).toEqual([0x1000n, 0x2000n].map((offset) => pageBehind(container, MEMORY + offset)));
    expect(pin()).toEqual(pinned);
    expect(container.counts).toMatchObject({ pins: 2, lockedPages: 2 });
    const unpin = () => container.run(() => container.backend.unpinPages(0x101, 2));
    unpin();
    expect(container.counts).toMatchObject({ pins: 2, lockedPages: 2 });
    unpin();
    expect(container.counts).toMatchObject({ pins: 0, lockedPages: 0 });
    container.expectSound();
  });

  it('does not charge what a domain has charged', () => {
    const { container, group, device } = withDevice({ groups: ['solo1'] });
    expect(container.map(0n, MEMORY, 0x4000n)).toBe(0);
    expect(device.pin(group, 0, 4)).toHaveLength(4);
    expect(container.counts).toMatchObject({ pins: 8, lockedPages: 4 });
  });

  it('stays charged when a group with an IOMMU fails to join', () => {
    const { container, group, device } = withDevice();
    expect(container.map(0n, MEMORY, 0x4000n)).toBe(0);
    expect(container.map(0x10000n, 0xdead000n, 0x1000n)).toBe(0);
    expect(device.pin(group, 1, 2)).toHaveLength(2);
    expect(container.attach('solo1')).toBe('EFAULT');
    expect(container.counts).toMatchObject({ pins: 2, lockedPages: 2 });
    inject(container.kernel, { operation: 'map', device: null, passes: 1, errno: 'EIO' });
    expect(container.attach('solo1')).toBe('EIO');
    expect(container.counts).toMatchObject({ pins: 2, lockedPages: 2 });
    container.expectSound();
  });

  it('is refused, all of it, with the errno of the first page that fails', () => {
    const { container, group, device } = withDevice();
    expect(container.map(0n, MEMORY, 0x2000n)).toBe(0);
    expect(container.map(0x2000n, MEMORY, 0x1000n, 1)).toBe(0);
    expect(container.map(0x3000n, 0xdead000n, 0x1000n)).toBe(0);
    container.deviceMemory(0x100f00000000n, 0xfde00000n, 0x1000n);
    expect(container.map(0x5000n, 0x100f00000000n, 0x1000n)).toBe(0);
    expect(device.pin(group, 0, 3)).toBe('EPERM');
    expect(device.pin(group, 2, 1, PROT_READ)).toHaveLength(1);
    expect(device.pin(group, 3, 1)).toBe('EFAULT');
    expect(device.pin(group, 4, 1)).toBe('EINVAL');
    expect(device.pin(group, 5, 1)).toBe('EINVAL');
    expect(device.pin(group, 0, 0)).toBe('EINVAL');
    expect(device.pin(group, 0, 513)).toBe('E2BIG');
    container.run(() => container.backend.unpinPages(2, 1));
    container.task.uid = 1000;
    container.task.memlockBytes = 0x1000n;
    expect(container.map(0x10000n, MEMORY, 0x2000n)).toBe(0);
    expect(device.pin(group, 0x10, 2)).toBe('ENOMEM');
    expect(container.counts).toMatchObject({ pins: 0, lockedPages: 0 });
    container.expectSound();
  });

  it('needs a registered device, a v2 container, and a living process', () => {
    const { container, group, device } = withDevice();
    expect(container.map(0n, MEMORY, 0x1000n)).toBe(0);
    container.run(() => container.backend.unregisterDevice(device));
    expect(device.pin(group, 0, 1)).toBe('EINVAL');
    container.run(() => container.backend.registerDevice(device));
    container.run(() => container.task.mm.put());
    expect(device.pin(group, 0, 1)).toBe('ENODEV');
    const v1 = withDevice({ groups: [], type: 1 });
    expect(v1.device.pin(v1.group, 0, 1)).toBe('EACCES');
  });

  it('of a page that is not pinned or not mapped ends with a warning at most', () => {
    const { container } = withDevice();
    expect(container.map(0n, MEMORY, 0x1000n)).toBe(0);
    container.run(() => container.backend.unpinPages(0, 1));
    expect(container.kernel.warnings.value).toEqual([]);
    container.run(() => container.backend.unpinPages(0, 2));
    expect(container.kernel.warnings.value).toEqual(['vfio_iommu_type1_unpin_pages']);
    expect(container.kernel.world.violations).toEqual([]);
  });
});

describe('an unmap of what a device has pinned', () => {
  it('tells the device, without the lock, and goes on when it has unpinned', () => {
    const { container, group, device } = withDevice();
    expect(container.map(0n, MEMORY, 0x4000n)).toBe(0);
    expect(container.map(0x10000n, MEMORY, 0x4000n)).toBe(0);
    expect(device.pin(group, 0x11, 2)).toHaveLength(2);
    expect(container.unmap(0n, 0x20000n)).toBe(0x8000n);
    expect(device.told).toEqual([[0x10, 4]]);
    expect(container.counts).toMatchObject({ dmas: 0, pins: 0, lockedPages: 0 });
    // The kernel's own: the device is told under device_list_lock and takes the container's lock to unpin, while
    // registering a device takes device_list_lock under the container's lock.
    container.expectSound(['lock-inversion']);
  });

  it('is a BUG after ten times in vain', () => {
    const { container, group, device } = withDevice();
    device.obedient = false;
    expect(container.map(0n, MEMORY, 0x4000n)).toBe(0);
    expect(device.pin(group, 0, 1)).toHaveLength(1);
    expect(() => container.unmap(0n, 0x4000n)).toThrow(/does not unpin/);
    expect(device.told).toHaveLength(11);
  });
});

describe('dirty pages of emulated devices', () => {
  const BITMAP = 0x1000_8000_0000n;

  it('are those that are pinned or were written', () => {
    const { container, group, device } = withDevice();
    container.memory(BITMAP, 0x1000n);
    expect(container.map(0n, MEMORY, 0x8000n)).toBe(0);
    expect(device.pin(group, 1, 1)).toHaveLength(1);
    expect(container.dirty(1)).toBe(0);
    expect(device.pin(group, 4, 1)).toHaveLength(1);
    const bytes = new Uint8Array(0x1001);
    expect(container.run(() => container.backend.dmaRw(0x6000n, bytes, true))).toBe(0);
    const read = () => {
      expect(container.dirtyBitmap(0n, 0x8000n, BITMAP, 8n)).toBe(0);
      return container.bitmapWords(BITMAP, 1);
    };
    expect(read()).toEqual([0b11010010n]);
    expect(read()).toEqual([0b00010010n]);
    container.run(() => container.backend.unpinPages(4, 1));
    expect(read()).toEqual([0b00010010n]);
    expect(read()).toEqual([0b00000010n]);
    expect(container.dirty(2)).toBe(0);
    expect(container.iommu.dirtyPages.structure.size).toBe(0);
    container.expectSound();
  });

  it('are forgotten with the mapping', () => {
    const { container } = withDevice();
    container.memory(BITMAP, 0x1000n);
    expect(container.dirty(1)).toBe(0);
    expect(container.map(0n, MEMORY, 0x1000n)).toBe(0);
    expect(container.run(() => container.backend.dmaRw(0n, new Uint8Array(1), true))).toBe(0);
    expect(container.unmap(0n, 0x1000n)).toBe(0x1000n);
    expect(container.map(0n, MEMORY, 0x1000n)).toBe(0);
    expect(container.dirtyBitmap(0n, 0x1000n, BITMAP, 8n)).toBe(0);
    expect(container.bitmapWords(BITMAP, 1)).toEqual([0n]);
  });

  it('narrow the scope of a group with an IOMMU that pins', () => {
    const { container } = withDevice({ groups: ['solo1'] });
    container.memory(BITMAP, 0x1000n);
    expect(container.map(0n, MEMORY, 0x8000n)).toBe(0);
    expect(container.dirty(1)).toBe(0);
    const pinned = container.run(() =>
      container.backend.pinPages(container.group('solo1'), 2, 1, READ_WRITE),
    );
    expect(pinned).toHaveLength(1);
    expect(container.iommu.nonPinnedGroups.value).toBe(0);
    expect(container.dirtyBitmap(0n, 0x8000n, BITMAP, 8n)).toBe(0);
    expect(container.bitmapWords(BITMAP, 1)).toEqual([0b100n]);
    container.detach('solo1');
    expect(container.iommu.nonPinnedGroups.value).toBe(0);
  });
});

describe('reads and writes by iova', () => {
  it('cross mappings and stop at holes', () => {
    const { container } = withDevice();
    expect(container.map(0n, MEMORY, 0x1000n)).toBe(0);
    expect(container.map(0x1000n, MEMORY + MIB, 0x1000n)).toBe(0);
    container.task.mm.fillBytes(MEMORY, 0x1000, 0xaa);
    container.task.mm.fillBytes(MEMORY + MIB, 0x1000, 0xbb);
    const rw = (iova: bigint, data: Uint8Array, write: boolean) =>
      container.run(() => container.backend.dmaRw(iova, data, write));
    const data = new Uint8Array(4);
    expect(rw(0xffen, data, false)).toBe(0);
    expect([...data]).toEqual([0xaa, 0xaa, 0xbb, 0xbb]);
    expect(rw(0x1ffen, Uint8Array.of(1, 2, 3, 4), true)).toBe('EINVAL');
    const end = new Uint8Array(2);
    container.task.mm.readBytes(MEMORY + MIB + 0xffen, end);
    expect([...end]).toEqual([1, 2]);
    container.expectSound();
  });

  it('need the rights, the process, and its own memory', () => {
    const { container } = withDevice();
    const data = new Uint8Array(4);
    expect(container.map(0n, MEMORY, 0x1000n, 1)).toBe(0);
    expect(container.map(0x1000n, MEMORY, 0x1000n, 2)).toBe(0);
    expect(container.map(0x2000n, 0xdead000n, 0x1000n, 3)).toBe(0);
    const rw = (iova: bigint, write: boolean, task = container.task as typeof container.task | null) =>
      container.run(() => container.backend.dmaRw(iova, data, write), task);
    expect(rw(0n, false)).toBe(0);
    expect(rw(0n, true)).toBe('EPERM');
    expect(rw(0x1000n, false)).toBe('EPERM');
    expect(rw(0x1000n, true)).toBe('EPERM');
    expect(rw(0x2000n, false)).toBe('EFAULT');
    expect(rw(0n, false, container.newTask())).toBe('EFAULT');
    expect(rw(0n, false, null)).toBe(0);
    container.run(() => container.task.mm.put());
    expect(rw(0n, false, null)).toBe('EPERM');
  });

  it('are refused while a vaddr is invalid', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    expect(container.unmap(0n, MIB, 4)).toBe(MIB);
    const device = new Mediated(container);
    container.run(() => container.backend.registerDevice(device));
    expect(container.run(() => container.backend.dmaRw(0n, new Uint8Array(1), false))).toBe('EBUSY');
    expect(device.pin(container.group('solo1'), 0, 1)).toBe('EBUSY');
  });
});

function pageBehind(container: Container, vaddr: bigint): number {
  return container.task.mm.resolve(Number(vaddr >> 12n), false);
}
