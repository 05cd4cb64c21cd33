import { inject } from '@iommu-lab/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Container, MEMORY, MIB } from './container';
import { WatchedPort } from './watched-port';

const LIMITS = [
  { first: 0n, last: 0xfedfffffn },
  { first: 0xfef00000n, last: 0x7fffffffffn },
];

/** solo1 and solo2 on a domain each: the driver refuses to share. */
function twoDomains(port = new WatchedPort()): Container {
  const container = new Container({ variant: port.variant });
  inject(container.kernel, { operation: 'attach_dev', device: null, passes: 1, errno: 'EINVAL' });
  expect(container.attach('solo2')).toBe(0);
  return container;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a group that leaves', () => {
  it('leaves a shared domain to the others', () => {
    const container = new Container({ groups: ['solo1', 'solo2'] });
    container.memory(MEMORY, MIB);
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    const labels = container.domainLabels;
    container.detach('solo1');
    expect(container.domainLabels).toEqual(labels);
    expect(container.counts).toMatchObject({ dmas: 1, pins: 256 });
    expect(container.domainOf('solo1')).toBe(container.group('solo1').defaultDomain.value?.label);
    expect([container.domainOf('solo2')]).toEqual(labels);
    container.expectSound();
  });

  it('takes its own domain along, whichever of two it is, and the mappings stay', () => {
    for (const label of ['solo1', 'solo2']) {
      const container = twoDomains();
      container.memory(MEMORY, MIB);
      expect(container.map(0n, MEMORY, MIB)).toBe(0);
      const tables = container.kernel.machine.memory.tablesInUse;
      container.detach(label);
      expect(container.domainLabels).toHaveLength(1);
      expect(container.kernel.machine.memory.tablesInUse).toBeLessThan(tables);
      expect(container.counts).toMatchObject({ dmas: 1, pins: 256, lockedPages: 256 });
      expect(container.unmap(0n, MIB)).toBe(MIB);
      expect(container.counts.pins).toBe(0);
      container.expectSound();
    }
  });

  it('as the last one takes all mappings and the last domain along', () => {
    const container = new Container();
    container.memory(MEMORY, MIB);
    const { framesInUse } = container.kernel.machine.memory;
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    container.task.mm.removeArea(Number(MEMORY >> 12n), 256);
    container.detach('solo1');
    expect(container.counts).toEqual({ dmas: 0, lockedPages: 0, pins: 0, avail: 65535 });
    expect(container.kernel.machine.memory.framesInUse).toBe(framesInUse);
    expect(container.domainLabels).toEqual([]);
    expect(container.iommu.pageSizes.value).toBe(0xfffffffffffff000n);
    container.expectSound();
  });

  it('that is not in the container changes nothing', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant });
    port.calls.length = 0;
    container.run(() => container.backend.detachGroup(container.target('solo2')));
    expect([port.calls, container.domainLabels.length]).toEqual([[], 1]);
  });

  it('is detached by what the caller holds then', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant });
    const detach = vi.spyOn(port, 'detach');
    const target = { ...container.target('solo1'), device: container.kernel.findDevice('solo1') };
    const [domain] = container.domains;
    container.run(() => container.backend.detachGroup(target));
    const [given, from] = detach.mock.calls[0] ?? [];
    expect([given === target, from?.label]).toEqual([true, domain?.label]);
  });
});

describe('the valid ranges', () => {
  it('open up to the aperture of the domains that are left', () => {
    const port = new WatchedPort();
    const container = new Container({ variant: port.variant });
    port.answers = { aperture: { first: 0x1000n, last: 0xffffffffn }, pageSizes: 0x200000n };
    inject(container.kernel, { operation: 'attach_dev', device: null, passes: 1, errno: 'EINVAL' });
    expect(container.attach('solo2')).toBe(0);
    expect(container.iommu.iovaRanges.value).toEqual([
      { first: 0x1000n, last: 0xfedfffffn },
      { first: 0xfef00000n, last: 0xffffffffn },
    ]);
    expect(container.iommu.pageSizes.value).toBe(0x200000n);
    container.detach('solo2');
    expect(container.iommu.iovaRanges.value).toEqual(LIMITS);
    expect(container.iommu.pageSizes.value).toBe(0x40201000n);
  });

  it('get back what only the leaving group had reserved', () => {
    const container = new Container();
    const driver = container.kernel.iommu?.driver;
    if (driver === undefined) throw new Error('no IOMMU');
    const msi = driver.reservedRegions.bind(driver);
    const own = { first: 0x100000n, last: 0x1fffffn, type: 'direct' } as const;
    vi.spyOn(driver, 'reservedRegions').mockImplementation((instance, device) =>
      device.function_.description.name === 'solo2' ? [own, ...msi(instance, device)] : msi(instance, device),
    );
    expect(container.attach('solo2')).toBe(0);
    expect(container.iommu.iovaRanges.value).toHaveLength(3);
    expect(container.map(0x100000n, MEMORY, 0x1000n)).toBe('EINVAL');
    container.detach('solo2');
    expect(container.iommu.iovaRanges.value).toEqual(LIMITS);
  });
});

describe('the end of the backend', () => {
  it('frees what is left, attached groups included', () => {
    const container = new Container({ groups: ['solo1', 'solo2'] });
    container.memory(MEMORY, MIB);
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    container.run(() => container.backend.release());
    expect(container.counts).toMatchObject({ dmas: 0, lockedPages: 0, pins: 0 });
    const objects = container.kernel.world.liveObjects();
    for (const kind of ['vfio_iommu', 'vfio_domain', 'vfio_iommu_group', 'vfio_dma']) {
      expect([kind, objects.get(kind) ?? 0]).toEqual([kind, 0]);
    }
    for (const label of ['solo1', 'solo2']) {
      container.expectBlocked(label);
    }
    expect(container.kernel.world.violations).toEqual([]);
  });
});
