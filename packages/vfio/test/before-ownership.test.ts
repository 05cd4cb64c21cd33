/** Groups of 5.10, which nobody can own: as recorded in group, viability, own, hotadd, container and multi of 5.10. */
import { describe, expect, test } from 'vitest';
import { calls } from '../src/index';
import { Program, shown } from './program';
import { GROUP } from './recorded-profile';

const MF0 = '0000:00:05.0';
const MF1 = '0000:00:05.1';

function status(p: Program, group: number) {
  return p.out(calls.getStatus(group));
}

describe('viability on 5.10', () => {
  test('a sibling on a kernel driver stands in the way of a device only (viability/sibling-other-driver)', () => {
    const p = new Program('5.10');
    expect(shown(p.system.sysfs.bind('mf1', 'uio_pci_generic'))).toBe('ok');
    const { g } = p.container(GROUP.mf);
    const group = g[0] as number;
    expect(status(p, group)).toEqual({ viable: false, container_set: true });
    expect(p.try(calls.getDeviceFd(group, MF0))).toBe('EINVAL');
    expect(shown(p.system.sysfs.bind('mf1', 'pci-stub'))).toBe('ok');
    expect(status(p, group)).toEqual({ viable: true, container_set: true });
    p.ret(calls.closeFile(p.ret(calls.getDeviceFd(group, MF0))));
    p.end();
  });

  test.each([
    ['with the container', false],
    ['with an open device', true],
  ])(
    'a kernel driver bound to a sibling %s stops the machine, and stays bound (own/bind-after-*)',
    (_, open) => {
      const p = new Program('5.10');
      const { g } = p.container(GROUP.mf);
      if (open) p.ret(calls.getDeviceFd(g[0] as number, MF0));
      const bound = p.system.sysfs.bind('mf1', 'uio_pci_generic');
      expect('oops' in bound && bound.oops).toMatchObject({
        kind: 'BUG',
        at: 'vfio_iommu_group_notifier',
      });
      expect(p.system.sysfs.driverOf('mf1')).toBe('uio_pci_generic');
    },
  );

  test('nobody minds while the group is only open', () => {
    const p = new Program('5.10');
    const group = p.ret(calls.openGroup(GROUP.mf));
    expect(shown(p.system.sysfs.bind('mf1', 'uio_pci_generic'))).toBe('ok');
    expect(status(p, group)).toEqual({ viable: false, container_set: false });
    p.end();
  });
});

describe('the last device of a group on 5.10', () => {
  test('waits for the container, whoever has it (own/unbind-last, hotadd/replug-*)', () => {
    const p = new Program('5.10');
    const { c, g } = p.container(GROUP.hot);
    const group = g[0] as number;
    const waiting = p.system.sysfs.remove('hot');
    expect(shown(waiting)).toBe('blocked');
    expect(status(p, group)).toEqual({ viable: true, container_set: true });
    expect(p.try(calls.getDeviceFd(group, '0000:05:00.0'))).toBe('ENODEV');
    p.ret(calls.unsetContainer(group));
    expect('fiber' in waiting && shown(p.system.answerOf(waiting.fiber))).toBe('ok');
    expect(status(p, group)).toEqual({ viable: true, container_set: false });
    p.ret(calls.closeFile(c));
    p.end();
  });

  test('one of two goes at once', () => {
    const p = new Program('5.10');
    p.container(GROUP.mf);
    expect(shown(p.system.sysfs.unbind('mf1'))).toBe('ok');
    p.end();
  });

  test('leaves an open group that still takes a container (group/vanishes)', () => {
    const p = new Program('5.10');
    const group = p.ret(calls.openGroup(GROUP.solo2));
    expect(shown(p.system.sysfs.unbind('solo2'))).toBe('ok');
    expect(status(p, group)).toEqual({ viable: true, container_set: false });
    const c = p.ret(calls.openContainer());
    p.ret(calls.setContainer(group, c));
    expect(p.try(calls.setContainer(group, c))).toBe('EINVAL');
    p.ret(calls.closeFile(group));
    expect(p.try(calls.openGroup(GROUP.solo2))).toBe('ENOENT');
    p.end();
  });
});

describe('descriptors and types on 5.10', () => {
  test('SET_CONTAINER: a negative number EINVAL, one that is not open EBADF (group/set-container)', () => {
    const p = new Program('5.10');
    const group = p.ret(calls.openGroup(GROUP.solo1));
    expect(p.try(calls.setContainer(group, -1))).toBe('EINVAL');
    expect(p.try(calls.setContainer(group, 500))).toBe('EBADF');
    expect(p.try(calls.setContainer(group, group))).toBe('EINVAL');
    p.end();
  });

  test('GET_DEVICE_FD looks at the group before the name (group/device-fd)', () => {
    const p = new Program('5.10');
    const group = p.ret(calls.openGroup(GROUP.mf));
    expect(p.try(calls.getDeviceFd(group, 'nonesuch'))).toBe('EINVAL');
    const c = p.ret(calls.openContainer());
    p.ret(calls.setContainer(group, c));
    p.ret(calls.setIommu(c, 3));
    expect(p.try(calls.getDeviceFd(group, 'nonesuch'))).toBe('ENODEV');
    const devices = [MF0, MF1].map((name) => p.ret(calls.getDeviceFd(group, name)));
    expect(p.try(calls.unsetContainer(group))).toBe('EBUSY');
    for (const device of devices) p.ret(calls.closeFile(device));
    expect(p.try(calls.unsetContainer(group))).toBe('ok');
    p.end();
  });

  test.each([
    [6, 1, 'ENODEV'],
    [9, 0, 'ENODEV'],
    [10, 0, 'ENODEV'],
  ])('extension %i is %i, and SET_IOMMU with it %s (container/set-iommu-types)', (type, claimed, answer) => {
    const p = new Program('5.10');
    const c = p.ret(calls.openContainer());
    const group = p.ret(calls.openGroup(GROUP.solo1));
    p.ret(calls.setContainer(group, c));
    expect(p.ret(calls.checkExtension(c, type))).toBe(claimed);
    expect(p.try(calls.setIommu(c, type))).toBe(answer);
    p.ret(calls.setIommu(c, 3));
    expect(p.ret(calls.checkExtension(c, type))).toBe(claimed);
    p.end();
  });
});
