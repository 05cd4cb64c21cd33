/** Ownership of a group's DMA seen from outside: viability.jsonl and own.jsonl. */
import { type EraId, referenceVariant } from '@iommu-lab/kernel';
import { describe, expect, test } from 'vitest';
import { calls, System } from '../src/index';
import { Program, shown } from './program';
import { GROUP, recordedProfile } from './recorded-profile';

describe.each<EraId>(['6.1', '6.12', '7.2'])('on %s', (era) => {
  const bind = (p: Program, device: string, driver: string) => shown(p.system.sysfs.bind(device, driver));

  test('a sibling on a kernel driver (viability/sibling-other-driver)', () => {
    const p = new Program(era);
    expect(bind(p, 'mf1', 'uio_pci_generic')).toBe('ok');
    const c = p.ret(calls.openContainer());
    const g = p.ret(calls.openGroup(GROUP.mf));
    expect(p.out(calls.getStatus(g))).toEqual({ viable: false, container_set: false });
    expect(p.try(calls.setContainer(g, c))).toBe('EPERM');
    expect(p.try(calls.setIommu(c, 3))).toBe('EINVAL');
    expect(p.try(calls.getDeviceFd(g, '0000:00:05.0'))).toBe('EINVAL');
    expect(p.try(calls.getDeviceFd(g, '0000:00:05.1'))).toBe('ENODEV');
    p.end();
  });

  test('from SET_CONTAINER on kernel drivers stay out, until the group is closed (viability/release)', () => {
    const p = new Program(era);
    p.system.sysfs.unbind('mf1');
    const c = p.ret(calls.openContainer());
    const g = p.ret(calls.openGroup(GROUP.mf));
    expect(bind(p, 'mf1', 'uio_pci_generic')).toBe('ok');
    expect(p.out(calls.getStatus(g))).toEqual({ viable: false, container_set: false });
    p.system.sysfs.unbind('mf1');
    p.ret(calls.setContainer(g, c));
    expect(bind(p, 'mf1', 'uio_pci_generic')).toBe('EBUSY');
    expect(p.system.sysfs.driverOf('mf1')).toBe('none');
    p.ret(calls.setIommu(c, 3));
    expect(bind(p, 'mf1', 'uio_pci_generic')).toBe('EBUSY');
    p.ret(calls.closeFile(c));
    expect(bind(p, 'mf1', 'uio_pci_generic')).toBe('EBUSY');
    expect(bind(p, 'mf1', 'pci-stub')).toBe('ok');
    p.ret(calls.closeFile(g));
    expect(bind(p, 'mf1', 'uio_pci_generic')).toBe('ok');
    p.end();
  });

  test('unbinding what is not bound, and drivers that are not there (viability/sibling-unbound)', () => {
    const p = new Program(era);
    expect(shown(p.system.sysfs.unbind('mf1'))).toBe('ok');
    expect(shown(p.system.sysfs.unbind('mf1'))).toBe('ENOENT');
    expect(bind(p, 'mf1', 'nonesuch')).toBe('ENOENT');
    expect(shown(p.system.sysfs.unbind('nonesuch'))).toBe('ENOENT');
    p.end();
  });

  test('a bridge is no device for vfio-pci', () => {
    const p = new Program(era);
    expect(bind(p, 'bridge', 'vfio-pci')).toBe('EINVAL');
    expect(p.system.sysfs.driverOf('bridge')).toBe('none');
    p.end();
  });

  test('what sysfs shows of devices (topology)', () => {
    const p = new Program(era);
    const reserved = [{ first: 0xfee00000n, last: 0xfeefffffn, type: 'msi' }];
    expect(p.system.sysfs.describe('pair1')).toEqual({
      address: '0000:04:01.0',
      driver: 'vfio-pci',
      group: {
        number: 9,
        members: ['0000:03:00.0', '0000:04:01.0', '0000:04:02.0'],
        type: 'DMA',
        reserved,
      },
    });
    expect(p.system.sysfs.describe('nonesuch')).toBe('ENOENT');
    p.end();
  });
});

test('without an IOMMU vfio-pci refuses the device', () => {
  const profile = recordedProfile('6.12');
  const system = new System({ ...profile, machine: { ...profile.machine, unit: null } }, referenceVariant);
  expect(system.sysfs.driverOf('solo1')).toBe('none');
  expect(shown(system.sysfs.bind('solo1', 'vfio-pci'))).toBe('EINVAL');
  expect(shown(system.sysfs.bind('solo1', 'uio_pci_generic'))).toBe('ok');
});
