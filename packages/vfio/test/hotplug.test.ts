/** Unbinding and removing devices that user space has, as recorded in hotplug.jsonl, own.jsonl and hotadd.jsonl. */
import type { EraId } from '@iommu-lab/kernel';
import { describe, expect, test } from 'vitest';
import { calls, isReturned } from '../src/index';
import { BAR, MEMORY, Program, shown } from './program';
import { GROUP } from './recorded-profile';

describe.each<EraId>(['6.1', '6.12', '7.2'])('on %s', (era) => {
  test.each(['unbind', 'remove'] as const)('%s waits for the open device (hotplug/*-busy)', (verb) => {
    const p = new Program(era);
    const { c, g } = p.container(GROUP.hot);
    const group = g[0] as number;
    const d = p.device(group, '0000:05:00.0');
    const requested = p.system.eventfd(p.task);
    const efd = isReturned(requested) ? requested.ret : -1;
    p.ret(calls.setIrqs(d, { flags: 36, index: 4, start: 0, count: 1, data: [efd] }));
    p.ret(calls.mapMemory(MEMORY, 0x100000n, 'rw', false));
    p.ret(calls.fillMemory(MEMORY, 0x1000, 0x13));
    p.ret(calls.mapDma(c, { iova: 0x100000n, vaddr: MEMORY, size: 0x1000n, flags: 3 }));

    const waiting = p.system.sysfs[verb]('hot');
    expect(shown(waiting)).toBe('blocked');
    expect(p.system.waitEvent(p.task, efd, 3000)).toBe(true);
    // The request is repeated every ten seconds.
    expect(p.system.waitEvent(p.task, efd, 3000)).toBe(false);
    expect(p.system.waitEvent(p.task, efd, 10_000)).toBe(true);
    // Everything goes on meanwhile.
    expect(p.out(calls.getDeviceInfo(d))).toEqual({ flags: 3, num_regions: 9, num_irqs: 5 });
    expect(p.out(calls.eduRead({ fd: d }, 0x100000n, 64))).toEqual({ done: true, faults: [] });
    expect(p.out(calls.eduWrite({ fd: d }, 0x100080n, 64))).toEqual({ done: true, faults: [] });
    expect(p.out(calls.peekMemory(MEMORY, 0x100)).runs).toEqual([['0x13', 256]]);
    expect(p.try(calls.mapDma(c, { iova: 0x200000n, vaddr: MEMORY, size: 0x1000n, flags: 3 }))).toBe('ok');
    // A new open succeeds where the device stays on the list, and then keeps the unbind waiting too.
    const again = calls.getDeviceFd(group, '0000:05:00.0');
    if (era === '6.1') p.ret(calls.closeFile(p.ret(again)));
    else expect(p.try(again)).toBe('ENODEV');
    expect(p.out(calls.getStatus(group))).toEqual({ viable: true, container_set: true });

    p.ret(calls.closeFile(group));
    p.ret(calls.closeFile(d));
    p.ret(calls.closeFile(c));
    expect('fiber' in waiting && shown(p.system.answerOf(waiting.fiber))).toBe('blocked');
    // The mapping was the last that kept the device's file open.
    p.ret(calls.unmapMemory(BAR, 0x100000n));
    expect('fiber' in waiting && shown(p.system.answerOf(waiting.fiber))).toBe('ok');
    expect(p.system.sysfs.driverOf('hot')).toBe('none');
    expect(p.system.sysfs.isPresent('hot')).toBe(verb === 'unbind');
    expect(p.try(calls.openGroup(GROUP.hot))).toBe('ENOENT');
    p.end();
  });

  test('the last device takes the group apart while it has a container (own/unbind-last)', () => {
    const p = new Program(era);
    const { c, g } = p.container(GROUP.solo2);
    const group = g[0] as number;
    expect(shown(p.system.sysfs.unbind('solo2'))).toBe('ok');
    expect(p.try(calls.getStatus(group))).toBe('ENODEV');
    expect(p.try(calls.getDeviceFd(group, '0000:02:00.0'))).toBe('ENODEV');
    expect(p.try(calls.unsetContainer(group))).toBe('EINVAL');
    expect(p.try(calls.setContainer(group, c))).toBe('ENODEV');
    // The container is as it was opened.
    expect(p.try(calls.getInfo(c))).toBe('EINVAL');
    expect(shown(p.system.sysfs.bind('solo2', 'uio_pci_generic'))).toBe('ok');
    p.end();
  });

  test('a device that is not the last goes at once (own/unbind-one-of-two)', () => {
    const p = new Program(era);
    const { g } = p.container(GROUP.mf);
    const group = g[0] as number;
    p.ret(calls.getDeviceFd(group, '0000:00:05.0'));
    expect(shown(p.system.sysfs.unbind('mf1'))).toBe('ok');
    expect(p.out(calls.getStatus(group))).toEqual({ viable: true, container_set: true });
    expect(p.try(calls.getDeviceFd(group, '0000:00:05.1'))).toBe('ENODEV');
    p.system.sysfs.bind('mf1', 'vfio-pci');
    expect(p.try(calls.getDeviceFd(group, '0000:00:05.1'))).toBe('ok');
    p.end();
  });

  test('a device that comes back starts anew, the old group file stays dead (hotadd/replug-iommu)', () => {
    const p = new Program(era);
    const { g } = p.container(GROUP.hot);
    const old = g[0] as number;
    expect(shown(p.system.sysfs.remove('hot'))).toBe('ok');
    expect(p.system.sysfs.isPresent('hot')).toBe(false);
    expect(shown(p.system.sysfs.rescan())).toBe('ok');
    expect(p.system.sysfs.driverOf('hot')).toBe('none');
    p.system.sysfs.bind('hot', 'vfio-pci');
    const fresh = p.ret(calls.openGroup(GROUP.hot));
    expect(p.out(calls.getStatus(fresh))).toEqual({ viable: true, container_set: false });
    expect(p.try(calls.getStatus(old))).toBe('ENODEV');
    p.ret(calls.setContainer(fresh, p.ret(calls.openContainer())));
    p.end();
  });
});
