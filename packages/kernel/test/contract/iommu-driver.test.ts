/** ADR 18: a driver that the core has never heard of is all that another IOMMU needs. */
import { describe, expect, it } from 'vitest';
import {
  deviceIommuCapable,
  IommuInstance,
  iommuAttachGroup,
  iommuCapable,
  iommuDetachGroup,
  iommuDeviceRegister,
  iommuDomainAlloc,
  iommuDomainCapable,
  iommuDomainFree,
  iommuGetGroupReservedRegions,
  iommuGroupClaimDmaOwner,
  iommuGroupReleaseDmaOwner,
  iommuIovaToPhys,
  iommuMap,
  iommuPagingDomainAlloc,
  iommuUnmap,
  isErrno,
  Kernel,
  Module,
  moduleUnload,
  pciRemove,
  pciRescan,
} from '../../src/index';
import { deviceOf, groupOf, run } from '../call';
import { recordedMachine } from '../recorded-machine';
import { ToyDriver, WINDOW } from './toy-driver';

const READ_WRITE = 3;

/** A machine without a unit whose `mf0`, `mf1` and `hot` come back behind the toy. */
function boot(era: '6.1' | '6.12') {
  const config = recordedMachine(era);
  const kernel = new Kernel({ ...config, machine: { ...config.machine, unit: null } });
  const driver = new ToyDriver((device) => device.function_.description.name !== 'solo1');
  const module = new Module(kernel, 'toy', false);
  run(kernel, () => iommuDeviceRegister(new IommuInstance(kernel, 'toy0', driver, module), kernel.pciBus));
  for (const name of ['mf0', 'mf1', 'hot', 'solo1']) run(kernel, () => pciRemove(deviceOf(kernel, name)));
  run(kernel, () => pciRescan(kernel));
  return { kernel, driver, module };
}

describe.each(['6.1', '6.12'] as const)('at %s', (era) => {
  it('groups, default domains and who is taken up are as the driver says', () => {
    const { kernel, driver } = boot(era);
    const group = groupOf(kernel, 'mf0');
    expect(group.devices.value.map((device) => device.name)).toEqual(['0000:00:05.0', '0000:00:05.1']);
    expect(deviceOf(kernel, 'solo1').group.value === null).toBe(true);
    expect(driver.pointers.get('0000:00:05.1')?.label).toBe(group.defaultDomain.value?.label);
    expect(run(kernel, () => iommuGetGroupReservedRegions(group))).toEqual([WINDOW]);
    expect(kernel.world.violations).toEqual([]);
  });

  it('capabilities are asked of it, by bus, by device and by domain', () => {
    const { kernel, driver } = boot(era);
    expect(run(kernel, () => iommuCapable(kernel.pciBus, 'cache-coherency'))).toBe(true);
    expect(run(kernel, () => deviceIommuCapable(deviceOf(kernel, 'hot'), 'isolated-msi'))).toBe(false);
    const domain = run(kernel, () => iommuDomainAlloc(kernel.pciBus));
    if (domain === null) throw new Error('no domain');
    const ofDomain = run(kernel, () => iommuDomainCapable(domain, 'enforce-cache-coherency'));
    expect(ofDomain).toBe(true);
    expect(driver.log).toEqual([
      'capable cache-coherency bus',
      'capable isolated-msi 0000:05:00.0',
      'capable enforce-cache-coherency domain',
    ]);
    run(kernel, () => iommuDomainFree(domain));
  });

  it.each(['bus', 'device'] as const)(
    'a domain by %s: owned, attached, mapped, flushed, detached, freed',
    (by) => {
      const { kernel, driver } = boot(era);
      const group = groupOf(kernel, 'mf0');
      const { memory } = kernel.machine;
      // The blocking domain, an empty one here, is made at the first claim and stays.
      run(kernel, () => iommuGroupClaimDmaOwner(group, {}));
      const before = [memory.tablesInUse, kernel.world.liveObjects().get('iommu_domain')];
      expect(driver.pointers.get('0000:00:05.0')?.label).toBe(group.blockingDomain.value?.label);
      const domain = run(kernel, () =>
        by === 'bus' ? iommuDomainAlloc(kernel.pciBus) : iommuPagingDomainAlloc(deviceOf(kernel, 'mf0')),
      );
      if (domain === null || isErrno(domain)) throw new Error('no domain');
      expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe(0);
      expect([...driver.pointers.values()].filter((one) => one === domain).length).toBe(2);
      driver.log.length = 0;
      expect(run(kernel, () => iommuMap(domain, 0x200, 0x77, 600, READ_WRITE))).toBe(0);
      expect(run(kernel, () => iommuIovaToPhys(domain, 0x202))).toBe(0x79);
      expect(run(kernel, () => iommuUnmap(domain, 0x400, 1))).toBe(1);
      expect(run(kernel, () => iommuUnmap(domain, 0x200, 512))).toBe(512);
      expect(driver.log).toEqual([
        'syncMap 512 600',
        'sync 1024 1 leaves, 0 not freed',
        // All entries of one table went: it is freed after the flush.
        'sync 512 512 tables, 1 not freed',
      ]);
      expect(domain.geometry.value?.table.gatheredTables).toBe(0);
      run(kernel, () => iommuDetachGroup(domain, group));
      expect(driver.pointers.get('0000:00:05.1')?.label).toBe(group.blockingDomain.value?.label);
      run(kernel, () => iommuDomainFree(domain));
      expect([memory.tablesInUse, kernel.world.liveObjects().get('iommu_domain')]).toEqual(before);
      run(kernel, () => iommuGroupReleaseDmaOwner(group));
      expect(driver.pointers.get('0000:00:05.0')?.label).toBe(group.defaultDomain.value?.label);
      expect(kernel.world.violations).toEqual([]);
    },
  );

  it("a domain of another driver's is refused", () => {
    const { kernel } = boot(era);
    const stranger = new ToyDriver(() => true);
    const instance = new IommuInstance(kernel, 'toy1', stranger, new Module(kernel, 'toy1', true));
    const domain = run(kernel, () => stranger.allocPaging(instance, null, 'UNMANAGED'));
    if (isErrno(domain)) throw new Error(domain);
    expect(run(kernel, () => iommuAttachGroup(domain, groupOf(kernel, 'mf0')))).toBe('EINVAL');
  });

  it('a device that goes is released, and the last one lets the module go', () => {
    const { kernel, driver, module } = boot(era);
    const taken = ['mf0', 'mf1', 'hot'].map((name) => deviceOf(kernel, name));
    for (const device of taken) {
      expect(run(kernel, () => moduleUnload(module))).toBe('EBUSY');
      run(kernel, () => pciRemove(device));
    }
    expect([...driver.pointers.keys()]).toEqual([]);
    expect(run(kernel, () => moduleUnload(module))).toBe(0);
    expect(kernel.world.violations).toEqual([]);
  });
});
