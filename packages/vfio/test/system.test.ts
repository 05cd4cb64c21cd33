/** The audit at the end of a case, restoring the boot state, checkpoints, and blocked calls. */
import { inject, referenceVariant, type Variant } from '@iommu-lab/kernel';
import { expect, test } from 'vitest';
import { calls, System } from '../src/index';
import { MEMORY, Program, shown } from './program';
import { GROUP, recordedProfile } from './recorded-profile';

test('the audit names what is left over', () => {
  const p = new Program();
  const { c, g } = p.container(GROUP.solo1);
  p.ret(calls.getDeviceFd(g[0] as number, '0000:01:00.0'));
  p.ret(calls.mapMemory(MEMORY, 0x2000n, 'rw', false));
  p.ret(calls.mapDma(c, { iova: 0n, vaddr: MEMORY, size: 0x2000n, flags: 3 }));
  const audit = p.system.audit();
  expect(audit).toContain('pinned pages: 0 at boot, 2 now');
  expect(audit).toContain('locked pages: 0 at boot, 2 now');
  expect(audit).toContain('data frames: 0 at boot, 2 now');
  expect(audit).toContain('group 7 owner: nobody, count 0 at boot, somebody, count 1 now');
  expect(audit).toContain('group 7 domain: default at boot, a user domain now');
  expect(audit).toContain('module vfio-pci: 1 references at boot, 2 references now');
  expect(audit).toContain('living file.vfio-device: 0 at boot, 1 now');
  expect(audit).toContain('living vfio_container: 0 at boot, 1 now');
  p.end();
});

test('a detach that forgets its group is noticed', () => {
  const { domain, ownership } = referenceVariant.ports;
  const forgetful: Variant = {
    ...referenceVariant,
    id: 'testing/forgetful',
    ports: { ownership: { ...ownership, *release() {} }, ...(domain === undefined ? {} : { domain }) },
  };
  const p = new Program('6.12', forgetful);
  p.container(GROUP.solo1);
  p.system.exit(p.task);
  expect(p.system.restoreBoot()).toEqual([]);
  expect(p.system.audit()).toEqual([
    'group 7 owner: nobody, count 0 at boot, somebody, count 1 now',
    'group 7 domain: default at boot, blocking now',
  ]);
});

test('the boot state can be restored', () => {
  const p = new Program();
  p.system.sysfs.remove('hot');
  p.system.sysfs.unbind('solo1');
  p.system.sysfs.bind('mf1', 'uio_pci_generic');
  expect(shown(p.system.sysfs.writeParameter('vfio_iommu_type1.dma_entry_limit', '3'))).toBe('ok');
  expect(shown(p.system.sysfs.writeParameter('vfio.enable_unsafe_noiommu_mode', '1'))).toBe('ENOENT');
  expect(shown(p.system.sysfs.writeParameter('vfio_iommu_type1.dma_entry_limit', 'many'))).toBe('EINVAL');
  inject(p.system.kernel, { operation: 'attach_dev', device: null, passes: 0, errno: 'ENOMEM' });
  expect(p.system.audit().length).toBeGreaterThan(0);
  expect(p.system.restoreBoot()).toEqual([]);
  expect(p.system.kernel.parameter('vfio_iommu_type1.dma_entry_limit')).toBe(65535);
  expect(p.try(calls.openGroup(GROUP.hot))).toBe('ok');
  p.end();
});

test('a call that still waits is left over', () => {
  const p = new Program();
  const { g } = p.container(GROUP.solo1);
  p.ret(calls.getDeviceFd(g[0] as number, '0000:01:00.0'));
  expect(shown(p.system.sysfs.unbind('solo1'))).toBe('blocked');
  expect(p.system.audit()).toContain('waiting calls: 0 at boot, 1 now');
  expect(p.system.audit()).toContain('device 0000:01:00.0 mutex: free at boot, held now');
  // Binding another driver has to wait for the same mutex.
  expect(shown(p.system.sysfs.bind('solo1', 'pci-stub'))).toBe('blocked');
  p.system.exit(p.task);
  expect(p.system.sysfs.driverOf('solo1')).toBe('pci-stub');
  p.task = p.system.newTask();
  p.end();
});

test('a failed attach gives the ownership back', () => {
  const p = new Program();
  const { c } = p.container(GROUP.solo1);
  const g = p.ret(calls.openGroup(GROUP.solo2));
  inject(p.system.kernel, { operation: 'domain_alloc', device: null, passes: 0, errno: 'ENOMEM' });
  expect(p.try(calls.setContainer(g, c))).toBe('ENOMEM');
  expect(p.out(calls.getStatus(g))).toEqual({ viable: true, container_set: false });
  expect(p.try(calls.setContainer(g, c))).toBe('ok');
  p.end();
});

test('a checkpoint brings everything back', () => {
  const p = new Program();
  p.system.exit(p.task);
  const checkpoint = p.system.checkpoint();
  const task = p.system.newTask();
  p.task = task;
  const { c, g } = p.container(GROUP.mf, GROUP.solo1);
  const d = p.device(g[0] as number, '0000:00:05.0');
  p.ret(calls.mapMemory(MEMORY, 0x100000n, 'rw', false));
  p.ret(calls.mapDma(c, { iova: 0n, vaddr: MEMORY, size: 0x100000n, flags: 3 }));
  p.ret(calls.eduWrite({ fd: d }, 0n, 64));
  p.system.sysfs.remove('hot');
  p.system.sysfs.unbind('solo2');
  p.system.restore(checkpoint);
  expect(p.system.audit()).toEqual([]);
  expect(p.system.sysfs.driverOf('hot')).toBe('vfio-pci');
  p.task = p.system.newTask();
  p.container(GROUP.mf, GROUP.solo1, GROUP.hot);
  p.end();
});

test('a variant without a domain port is refused at boot', () => {
  const { ownership } = referenceVariant.ports;
  const variant: Variant = { ...referenceVariant, id: 'testing/owner-only', ports: { ownership } };
  expect(() => new System(recordedProfile('6.12'), variant)).toThrow(TypeError);
});
