/** Containers and groups, as recorded in container.jsonl, group.jsonl and close.jsonl. */
import type { EraId } from '@iommu-lab/kernel';
import { describe, expect, test } from 'vitest';
import { calls } from '../src/index';
import { Program } from './program';
import { GROUP } from './recorded-profile';

const ERAS: EraId[] = ['6.1', '6.12', '7.2'];

describe.each(ERAS)('on %s', (era) => {
  test('extensions before and after the choice of an IOMMU (container/api)', () => {
    const p = new Program(era);
    const c = p.ret(calls.openContainer());
    const extensions = () =>
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99].filter(
        (ext) => p.ret(calls.checkExtension(c, ext)) === 1,
      );
    expect(p.ret(calls.getApiVersion(c))).toBe(0);
    const claimed = era === '7.2' ? [1, 3, 9] : [1, 3, 6, 9];
    expect(extensions()).toEqual(claimed);
    const g = p.ret(calls.openGroup(GROUP.solo1));
    p.ret(calls.setContainer(g, c));
    expect(extensions()).toEqual(claimed);
    p.ret(calls.setIommu(c, 3));
    expect(extensions()).toEqual([...claimed, 10]);
    expect(p.try(calls.unknownIoctl(c, 250))).toBe('ENOTTY');
    p.end();
  });

  test.each([
    [0, 'ENODEV'],
    [1, 'ok'],
    [2, 'ENODEV'],
    [3, 'ok'],
    [4, 'ENODEV'],
    [6, era === '7.2' ? 'ENODEV' : 'EINVAL'],
    [8, 'ENODEV'],
    [9, 'EINVAL'],
    [10, 'ENODEV'],
    [99, 'ENODEV'],
  ])('SET_IOMMU %i answers %s (container/set-iommu-types)', (type, answer) => {
    const p = new Program(era);
    const c = p.ret(calls.openContainer());
    expect(p.try(calls.setIommu(c, type))).toBe('EINVAL');
    const g = p.ret(calls.openGroup(GROUP.solo1));
    p.ret(calls.setContainer(g, c));
    expect(p.try(calls.setIommu(c, type))).toBe(answer);
    p.end();
  });

  test('the choice goes with the last group (container/set-iommu-twice)', () => {
    const p = new Program(era);
    const { c, g } = p.container(GROUP.solo1);
    expect(p.try(calls.setIommu(c, 3))).toBe('EINVAL');
    p.ret(calls.unsetContainer(g[0] as number));
    expect(p.try(calls.getInfo(c, 112))).toBe('EINVAL');
    expect(p.try(calls.setIommu(c, 3))).toBe('EINVAL');
    p.ret(calls.setContainer(g[0] as number, c));
    expect(p.try(calls.getInfo(c))).toBe('EINVAL');
    p.ret(calls.setIommu(c, 3));
    p.end();
  });

  test('ioctl numbers are those of the file behind the descriptor (container/wrong-fd)', () => {
    const p = new Program(era);
    const { c, g } = p.container(GROUP.solo1);
    const group = g[0] as number;
    const d = p.ret(calls.getDeviceFd(group, '0000:01:00.0'));
    const map = { iova: 0x100000n, vaddr: 0x100000000000n, size: 0x1000n, flags: 3 };
    const unmap = { iova: 0x100000n, size: 0x1000n, flags: 0 };
    expect(p.try(calls.getStatus(c))).toBe('ENOTTY');
    expect(p.try(calls.getDeviceInfo(c))).toBe('ENOTTY');
    expect(p.try(calls.getApiVersion(group))).toBe('ENOTTY');
    expect(p.try(calls.mapDma(group, map))).toBe('ENOTTY');
    expect(p.try(calls.getRegionInfo(group, 0))).toBe('ENOTTY');
    expect(p.try(calls.checkExtension(d, 1))).toBe('ENOTTY');
    // GET_INFO has the number of the hot reset's information, MAP_DMA that of the hot reset itself.
    expect(p.out(calls.getInfo(d, 112))).toEqual({
      argsz: 112,
      flags: 0,
      iova_pgsizes: '0x700000001',
      caps: [],
    });
    expect(p.try(calls.mapDma(d, map))).toBe('EINVAL');
    expect(p.try(calls.unmapDma(d, unmap))).toBe('ENOTTY');
    expect(p.try(calls.dirtyPages(d, 2))).toBe('ENOTTY');
    expect(p.try(calls.getStatus(d))).toBe('ENOTTY');
    for (const fd of [c, group]) {
      expect(p.try(calls.readFile(fd, 4))).toBe('EINVAL');
      expect(p.try(calls.writeFile(fd, 0))).toBe('EINVAL');
    }
    expect(p.ret(calls.readFile(d, 4))).toBe(4);
    expect(p.ret(calls.writeFile(d, 0))).toBe(0);
    p.end();
  });

  test('pointers that lead nowhere and sizes that are too small (container/bad-args)', () => {
    const p = new Program(era);
    const { g } = p.container(GROUP.solo1);
    const group = g[0] as number;
    // VFIO_BASE + 3, 4 and 6.
    expect(p.try(calls.withNullPointer('VFIO_GROUP_GET_STATUS', group, 0x3b67))).toBe('EFAULT');
    expect(p.try(calls.withNullPointer('VFIO_GROUP_SET_CONTAINER', group, 0x3b68))).toBe('EFAULT');
    expect(p.try(calls.withNullPointer('VFIO_GROUP_GET_DEVICE_FD', group, 0x3b6a))).toBe('EFAULT');
    expect(p.try(calls.getStatus(group, 4))).toBe('EINVAL');
    expect(p.try(calls.getStatus(group, 12))).toBe('ok');
    p.end();
  });

  test('a group is open once, whoever holds it (group/open)', () => {
    const p = new Program(era);
    const g = p.ret(calls.openGroup(GROUP.solo1));
    expect(p.try(calls.openGroup(GROUP.solo1))).toBe('EBUSY');
    const dup = p.ret(calls.duplicate(g));
    p.ret(calls.closeFile(g));
    expect(p.try(calls.openGroup(GROUP.solo1))).toBe('EBUSY');
    p.ret(calls.closeFile(dup));
    p.ret(calls.openGroup(GROUP.solo1));
    expect(p.try(calls.openPath('/dev/vfio/9999'))).toBe('ENOENT');
    expect(p.try(calls.openPath('/dev/iommu'))).toBe('ENOENT');
    p.end();
  });

  test('SET_CONTAINER and UNSET_CONTAINER (group/set-container)', () => {
    const p = new Program(era);
    const c = p.ret(calls.openContainer());
    const other = p.ret(calls.openContainer());
    const g = p.ret(calls.openGroup(GROUP.solo1));
    expect(p.out(calls.getStatus(g))).toEqual({ viable: true, container_set: false });
    expect(p.try(calls.unsetContainer(g))).toBe('EINVAL');
    p.ret(calls.setContainer(g, c));
    expect(p.out(calls.getStatus(g))).toEqual({ viable: true, container_set: true });
    expect(p.try(calls.setContainer(g, c))).toBe('EINVAL');
    expect(p.try(calls.setContainer(g, other))).toBe('EINVAL');
    p.ret(calls.unsetContainer(g));
    p.ret(calls.setContainer(g, other));
    p.ret(calls.unsetContainer(g));
    expect(p.try(calls.setContainer(g, 999))).toBe('EBADF');
    expect(p.try(calls.setContainer(g, -1))).toBe('EBADF');
    const unknownFile = era === '6.1' ? 'EINVAL' : 'EBADFD';
    expect(p.try(calls.setContainer(g, g))).toBe(unknownFile);
    expect(p.try(calls.setContainer(g, p.ret(calls.openPath('/dev/null'))))).toBe(unknownFile);
    p.end();
  });

  test('GET_DEVICE_FD: names, order of errors, several opens (group/device-fd)', () => {
    const p = new Program(era);
    const c = p.ret(calls.openContainer());
    const g = p.ret(calls.openGroup(GROUP.solo1));
    const open = (name: string) => p.try(calls.getDeviceFd(g, name));
    expect(open('0000:01:00.0')).toBe('EINVAL');
    expect(open('nonesuch')).toBe('ENODEV');
    p.ret(calls.setContainer(g, c));
    expect(open('0000:01:00.0')).toBe('EINVAL');
    p.ret(calls.setIommu(c, 3));
    for (const name of ['nonesuch', '', '0000:01:00.0\n', '01:00.0', '0000:02:00.0']) {
      expect(open(name)).toBe('ENODEV');
    }
    const d = p.ret(calls.getDeviceFd(g, '0000:01:00.0'));
    const e = p.ret(calls.getDeviceFd(g, '0000:01:00.0'));
    expect(p.try(calls.unsetContainer(g))).toBe('EBUSY');
    p.ret(calls.closeFile(d));
    expect(p.try(calls.unsetContainer(g))).toBe('EBUSY');
    p.ret(calls.closeFile(e));
    p.ret(calls.unsetContainer(g));
    expect(p.try(calls.getDeviceInfo(e))).toBe('EBADF');
    p.end();
  });

  test('a group outlives its last device only as a descriptor (group/vanishes)', () => {
    const p = new Program(era);
    const g = p.ret(calls.openGroup(GROUP.solo2));
    const c = p.ret(calls.openContainer());
    p.system.sysfs.unbind('solo2');
    expect(p.try(calls.getStatus(g))).toBe('ENODEV');
    expect(p.try(calls.setContainer(g, c))).toBe('ENODEV');
    expect(p.try(calls.openGroup(GROUP.solo2))).toBe('ENOENT');
    p.system.sysfs.bind('solo2', 'vfio-pci');
    expect(p.try(calls.getStatus(g))).toBe('ENODEV');
    p.ret(calls.closeFile(g));
    expect(p.try(calls.openGroup(GROUP.solo2))).toBe('ok');
    p.end();
  });

  test('an open device keeps group and container (close/container-device-group)', () => {
    const p = new Program(era);
    const { c, g } = p.container(GROUP.solo1);
    const group = g[0] as number;
    const d = p.ret(calls.getDeviceFd(group, '0000:01:00.0'));
    p.ret(calls.closeFile(c));
    p.ret(calls.closeFile(group));
    expect(p.try(calls.openGroup(GROUP.solo1))).toBe('EBUSY');
    expect(p.out(calls.getDeviceInfo(d))).toEqual({ flags: 3, num_regions: 9, num_irqs: 5 });
    p.ret(calls.closeFile(d));
    expect(p.try(calls.openGroup(GROUP.solo1))).toBe('ok');
    p.end();
  });
});

test('only root reaches /dev/vfio (noiommu/mode)', () => {
  const p = new Program();
  p.system.setresuid(p.task, 1000);
  expect(p.try(calls.openPath('/dev/vfio/noiommu-0'))).toBe('EACCES');
  expect(p.try(calls.openGroup(GROUP.solo1))).toBe('EACCES');
  p.end();
});
