import { type InjectableOperation, inject } from '@iommu-lab/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Container, MEMORY, MIB, translate } from './container';
import { WatchedPort } from './watched-port';

function failNext(container: Container, operation: InjectableOperation, passes: number, errno = 'EINVAL') {
  inject(container.kernel, { operation, device: null, passes, errno: errno as 'EINVAL' });
}

const live = (container: Container, kind: string) => container.kernel.world.liveObjects().get(kind) ?? 0;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a group that joins', () => {
  it('asks the design in the order of the contract', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant, groups: [] });
    const { framesInUse } = container.kernel.machine.memory;
    expect(container.attach('solo1')).toBe(0);
    expect(container.kernel.machine.memory.framesInUse).toBe(framesInUse);
    expect(port.calls).toEqual([
      'begin',
      'attachNew {"isolatedMsi":true}',
      'capable isolated-msi',
      'capable enforce-cache-coherency',
      'end',
    ]);
    expect(container.domainLabels).toEqual([container.domainOf('solo1')]);
    container.expectSound();
  });

  it('shares the domain that is there', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant });
    container.memory(MEMORY, MIB);
    expect(container.map(0x100000n, MEMORY, MIB)).toBe(0);
    const domains = live(container, 'iommu_domain');
    port.calls.length = 0;
    expect(container.attach('solo2')).toBe(0);
    expect(port.calls.slice(-2)).toEqual(['move', 'end']);
    expect(container.domainLabels).toEqual([container.domainOf('solo2')]);
    expect(live(container, 'iommu_domain')).toBe(domains);
    expect(container.iommu.nonPinnedGroups.value).toBe(2);
    container.expectSound();
  });

  it('twice is EINVAL, while a vaddr is invalid EBUSY, and the design is not asked', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant });
    port.calls.length = 0;
    expect(container.attach('solo1')).toBe('EINVAL');
    container.memory(MEMORY, MIB);
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    expect(container.unmap(0n, MIB, 4)).toBe(MIB);
    expect(container.attach('solo1')).toBe('EBUSY');
    expect(port.calls).toEqual([]);
  });

  it('brings all its members', () => {
    const container = new Container({ groups: ['pair1'] });
    for (const label of ['pair1', 'pair2']) {
      const attached = container.kernel.findDevice(label)?.attachedDomain.value;
      expect([attached?.label]).toEqual(container.domainLabels);
    }
    container.expectSound();
  });
});

describe('an attach that fails', () => {
  it('at begin, asks for nothing else', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant, groups: [] });
    port.answers = { begin: 'ENODEV' };
    expect(container.attach('solo1')).toBe('ENODEV');
    expect(port.calls).toEqual(['begin']);
  });

  it.each([
    ['domain_alloc', 'ENOMEM'],
    ['attach_dev', 'EBUSY'],
  ] as const)('in %s, ends', (operation, errno) => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant, groups: [] });
    failNext(container, operation, 0, errno);
    expect(container.attach('solo1')).toBe(errno);
    expect(port.calls).toEqual(['begin', 'attachNew {"isolatedMsi":true}', 'end']);
    container.expectBlocked('solo1');
    expect(container.domainLabels).toEqual([]);
    container.expectSound();
  });

  it('for interrupts that are not isolated, ends, then detaches, then frees', () => {
    const port = new WatchedPort();
    const container = new Container({
      variant: port.variant,
      groups: [],
      config: { interruptRemapping: false },
    });
    const domains = live(container, 'iommu_domain');
    expect(container.attach('solo1')).toBe('EPERM');
    expect(port.calls).toEqual([
      'begin',
      'attachNew {"isolatedMsi":true}',
      'capable isolated-msi',
      'end',
      'detach',
    ]);
    container.expectBlocked('solo1');
    expect(live(container, 'iommu_domain')).toBe(domains);
    for (const value of ['Y', 1]) {
      container.kernel.setParameter('vfio_iommu_type1.allow_unsafe_interrupts', value);
      port.calls.length = 0;
      expect(container.attach('solo1')).toBe(0);
      expect(port.calls[1]).toBe('attachNew {"isolatedMsi":false}');
      container.detach('solo1');
    }
    container.expectSound();
  });

  it('on an aperture that contradicts what is mapped', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant });
    container.memory(MEMORY, MIB);
    expect(container.map(0x200000n, MEMORY, MIB)).toBe(0);
    for (const aperture of [
      { first: 0x8000000000n, last: 0x8fffffffffn },
      { first: 0x201000n, last: 0x7fffffffffn },
      { first: 0n, last: 0x2fefffn },
    ]) {
      port.answers = { aperture };
      expect(container.attach('solo2')).toBe('EINVAL');
      expect(port.calls.slice(-2)).toEqual(['end', 'detach']);
    }
    port.answers = { aperture: { first: 0x200000n, last: 0x2fffffn } };
    expect(container.attach('solo2')).toBe(0);
    expect(container.iommu.iovaRanges.value).toEqual([{ first: 0x200000n, last: 0x2fffffn }]);
  });

  it('on a reserved region where something is mapped, or that leaves nothing', () => {
    const container = new Container({ groups: ['solo1'] });
    container.memory(MEMORY, MIB);
    expect(container.map(0x200000n, MEMORY, MIB)).toBe(0);
    const driver = container.kernel.iommu?.driver;
    if (driver === undefined) throw new Error('no IOMMU');
    const reserved = vi.spyOn(driver, 'reservedRegions');
    reserved.mockReturnValue([{ first: 0x2ff000n, last: 0x2fffffn, type: 'direct' }]);
    expect(container.attach('solo2')).toBe('EINVAL');
    reserved.mockReturnValue([{ first: 0x2ff000n, last: 0x2fffffn, type: 'direct-relaxable' }]);
    expect(container.attach('solo2')).toBe(0);
    container.detach('solo2');
    expect(container.unmap(0n, 0n, 2)).toBe(MIB);
    reserved.mockReturnValue([{ first: 0n, last: 0x7fffffffffn, type: 'reserved' }]);
    expect(container.attach('solo2')).toBe('EINVAL');
    container.expectBlocked('solo2');
    container.expectSound();
  });
});

describe('a domain that is not shared', () => {
  it('is made where the driver refuses the group, with everything mapped in it', () => {
    const container = new Container();
    container.memory(MEMORY, 4n * MIB);
    expect(container.map(0x100000n, MEMORY, MIB)).toBe(0);
    expect(container.map(0x300000n, MEMORY + MIB, 0x3000n, 1)).toBe(0);
    const { pins, lockedPages } = container.counts;
    failNext(container, 'attach_dev', 1);
    expect(container.attach('solo2')).toBe(0);
    expect(container.domainLabels).toEqual([container.domainOf('solo2'), container.domainOf('solo1')]);
    for (const iova of [0x100000n, 0x1ff000n, 0x302000n, 0x303000n]) {
      const [a, b] = container.translations(iova);
      expect(a).toBe(b);
    }
    expect(container.counts).toMatchObject({ pins, lockedPages });
    expect(container.map(0x400000n, MEMORY, 0x2000n)).toBe(0);
    expect(container.translations(0x401000n)[0]).toBeGreaterThan(0);
    expect(new Set(container.translations(0x401000n)).size).toBe(1);
    expect(container.unmap(0n, 0n, 2)).toBe(0x105000n);
    expect(container.translations(0x100000n)).toEqual([-1, -1]);
    expect(container.counts.pins).toBe(0);
    container.expectSound();
  });

  it('is made where coherency differs: the driver is not even asked', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant });
    port.answers = { capable: (capability) => capability !== 'dirty-tracking' };
    expect(container.attach('solo2')).toBe(0);
    expect(port.calls).not.toContain('move');
    expect(container.domainLabels).toHaveLength(2);
    expect(container.run(() => container.backend.checkExtension(4))).toBe(0);
  });

  it('is tried after each candidate has refused', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant });
    failNext(container, 'attach_dev', 1);
    expect(container.attach('solo2')).toBe(0);
    port.calls.length = 0;
    // Every member is attached to the new domain before the first candidate is tried.
    failNext(container, 'attach_dev', container.group('pair1').devices.value.length);
    expect(container.attach('pair1')).toBe(0);
    expect(port.calls.filter((call) => call === 'move')).toHaveLength(2);
    expect(container.domainOf('pair1')).toBe(container.domainLabels[1]);
  });

  it('is given up where the group is lost between two: no detach, the errno of the way back', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant });
    const domains = live(container, 'iommu_domain');
    failNext(container, 'attach_dev', 1, 'ENOSPC');
    failNext(container, 'attach_dev', 1, 'EBUSY');
    port.calls.length = 0;
    expect(container.attach('solo2')).toBe('EBUSY');
    expect(port.calls.slice(-2)).toEqual(['move', 'end']);
    container.expectBlocked('solo2');
    expect(live(container, 'iommu_domain')).toBe(domains);
    expect(container.domainLabels).toHaveLength(1);
    container.expectSound();
  });
});

describe('replay', () => {
  it('pins what was only noted when the first group joins', () => {
    const container = new Container({ groups: [] });
    container.memory(MEMORY, 4n * MIB);
    expect(container.map(0x100000n, MEMORY, MIB)).toBe(0);
    expect(container.map(0x300000n, MEMORY, 0x1000n, 1)).toBe(0);
    expect(container.attach('solo1')).toBe(0);
    expect(container.counts).toMatchObject({ pins: 257, lockedPages: 257 });
    expect(container.translations(0x300000n)).toEqual(container.translations(0x100000n));
    failNext(container, 'attach_dev', 1);
    expect(container.attach('solo2')).toBe(0);
    expect(container.counts).toMatchObject({ pins: 257, lockedPages: 257 });
    container.detach('solo1');
    container.detach('solo2');
    expect(container.counts).toMatchObject({ dmas: 0, pins: 0, lockedPages: 0, avail: 65535 });
    container.expectSound();
  });

  it('fails where memory is missing or the limit is reached, and takes everything back', () => {
    const container = new Container({ groups: [] });
    container.memory(MEMORY, MIB);
    container.task.uid = 1000;
    container.task.memlockBytes = 0x3000n;
    expect(container.map(0x100000n, MEMORY, 0x2000n)).toBe(0);
    expect(container.map(0x200000n, 0xdead000n, 0x1000n)).toBe(0);
    expect(container.attach('solo1')).toBe('EFAULT');
    container.expectBlocked('solo1');
    expect(container.unmap(0x200000n, 0x1000n)).toBe(0x1000n);
    expect(container.map(0x200000n, MEMORY, 0x2000n)).toBe(0);
    expect(container.attach('solo1')).toBe('ENOMEM');
    expect(container.counts).toMatchObject({ dmas: 2, pins: 0, lockedPages: 0 });
    container.task.memlockBytes = 0x4000n;
    expect(container.attach('solo1')).toBe(0);
    container.expectSound();
  });

  /** Three mappings of 2, 3 and 1 pages; the second one is of three runs. */
  function noted(groups: readonly string[]): Container {
    const container = new Container({ groups });
    container.memory(MEMORY, 16n * MIB);
    const { mm } = container.task;
    mm.physicalOf(MEMORY + 0x5000n);
    mm.physicalOf(MEMORY + 0x9000n);
    mm.physicalOf(MEMORY + 0x4000n);
    expect(container.map(0x100000n, MEMORY, 0x2000n)).toBe(0);
    expect(container.map(0x200000n, MEMORY + 0x4000n, 0x3000n)).toBe(0);
    expect(container.map(0x300000n, MEMORY + 0x8000n, 0x1000n)).toBe(0);
    return container;
  }

  it.each(['pin', 'map'] as const)('takes everything back wherever a %s fails', (operation) => {
    let passes = 0;
    for (; ; passes++) {
      const container = noted([]);
      const before = container.counts;
      const tables = container.kernel.machine.memory.tablesInUse;
      failNext(container, operation, passes, 'EIO');
      const answer = container.attach('solo1');
      // The probe for large pages maps too; its error is no error of the attach.
      const probed = operation === 'map' && passes === 0;
      if (answer === 0 && !probed) break;
      expect(answer).toBe(probed ? 0 : 'EIO');
      if (probed) continue;
      expect(container.counts).toEqual(before);
      expect(container.kernel.machine.memory.tablesInUse).toBe(tables);
      container.expectBlocked('solo1');
      expect([...container.iommu.dmas.structure.values()].every((dma) => !dma.state.value.iommuMapped)).toBe(
        true,
      );
      container.expectSound();
    }
    // Six pages; five runs and the probe.
    expect(passes).toBe(6);
  });

  it('into a second domain keeps what the first one has, wherever a map fails', () => {
    let passes = 1;
    for (; ; passes++) {
      const container = noted(['solo1']);
      const before = container.counts;
      failNext(container, 'attach_dev', 1);
      failNext(container, 'map', passes, 'EIO');
      if (container.attach('solo2') === 0) break;
      expect(container.counts).toEqual(before);
      container.expectBlocked('solo2');
      const [first] = container.domains;
      if (first === undefined) throw new Error('the first domain is gone');
      for (const iova of [0x100000n, 0x202000n, 0x300000n]) expect(translate(first, iova)).toBeGreaterThan(0);
      container.expectSound();
    }
    expect(passes).toBeGreaterThan(3);
  });
});

describe('a map into two domains', () => {
  it('is taken back in the first when the second refuses it', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    failNext(container, 'attach_dev', 1);
    expect(container.attach('solo2')).toBe(0);
    const before = container.counts;
    failNext(container, 'map', 1, 'ENOMEM');
    expect(container.map(0x100000n, MEMORY, 0x4000n)).toBe('ENOMEM');
    expect(container.translations(0x100000n)).toEqual([-1, -1]);
    expect(container.counts).toEqual(before);
    expect(container.map(0x100000n, MEMORY, 0x4000n)).toBe(0);
    container.expectSound();
  });
});
