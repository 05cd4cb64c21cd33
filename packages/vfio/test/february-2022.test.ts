/** VFIO in the thread's own tree: owners decide, groups have no lock, the last device waits. (Patches of January 2022) */
import { describe, expect, test } from 'vitest';
import { calls } from '../src/index';
import { MEMORY, Program, shown } from './program';
import { GROUP } from './recorded-profile';

describe('VFIO in February 2022', () => {
  test('a program from open to exit', () => {
    const p = new Program('2022-02');
    const { c, g } = p.container(GROUP.mf, GROUP.solo1);
    const d = p.device(g[1] as number, '0000:01:00.0');
    p.ret(calls.mapMemory(MEMORY, 0x100000n, 'rw', false));
    p.ret(calls.fillMemory(MEMORY, 0x1000, 0x13));
    p.ret(calls.mapDma(c, { iova: 0x100000n, vaddr: MEMORY, size: 0x1000n, flags: 3 }));
    expect(p.out(calls.eduRead({ fd: d }, 0x100000n, 64))).toEqual({ done: true, faults: [] });
    p.ret(calls.unsetContainer(g[0] as number));
    expect(p.try(calls.unsetContainer(g[1] as number))).toBe('EBUSY');
    p.end();
  });

  test('SET_CONTAINER refuses a sibling on a kernel driver, and keeps kernel drivers out', () => {
    const p = new Program('2022-02');
    expect(shown(p.system.sysfs.bind('mf1', 'uio_pci_generic'))).toBe('ok');
    const group = p.ret(calls.openGroup(GROUP.mf));
    expect(p.out(calls.getStatus(group))).toEqual({ viable: false, container_set: false });
    const c = p.ret(calls.openContainer());
    expect(p.try(calls.setContainer(group, c))).toBe('EPERM');
    expect(shown(p.system.sysfs.unbind('mf1'))).toBe('ok');
    p.ret(calls.setContainer(group, c));
    expect(p.out(calls.getStatus(group))).toEqual({ viable: true, container_set: true });
    expect(shown(p.system.sysfs.bind('mf1', 'uio_pci_generic'))).toBe('EBUSY');
    p.end();
  });

  test('the last device waits for the container', () => {
    const p = new Program('2022-02');
    const { g } = p.container(GROUP.hot);
    const waiting = p.system.sysfs.remove('hot');
    expect(shown(waiting)).toBe('blocked');
    p.ret(calls.unsetContainer(g[0] as number));
    expect('fiber' in waiting && shown(p.system.answerOf(waiting.fiber))).toBe('ok');
    p.end();
  });
});
