/** Which locks are held when another is taken: the orders that the kernels document. (api-variants, sections 5 and 13) */
import type { EraId } from '@iommu-lab/kernel';
import { describe, expect, test } from 'vitest';
import { calls } from '../src/index';
import { atDeviceFd } from './contract/device-fd';
import { Program, shown } from './program';
import { GROUP } from './recorded-profile';

/** For each time that a lock of the class is taken while `run` runs: the classes held then, outermost first. */
function heldAt(p: Program, lockClass: string, run: () => void): string[][] {
  const found: string[][] = [];
  const { world } = p.system.kernel;
  world.listener = (event) => {
    const takes = event.name === 'mutex_lock' || event.name === 'down_write' || event.name === 'down_read';
    if (takes && event.targetClass === lockClass) found.push(event.held.slice(0, -1));
  };
  run();
  world.listener = null;
  return found;
}

const unique = (lists: string[][]) => [...new Set(lists.map((list) => list.join(' > ')))];

describe.each<EraId>(['6.1', '6.12', '7.2'])('on %s', (era) => {
  test('joining a container claims under both group locks, and attaches under type1 as well', () => {
    const p = new Program(era);
    const { c } = p.container(GROUP.solo1);
    const g = p.ret(calls.openGroup(GROUP.solo2));
    const orders = heldAt(p, 'iommu_group.mutex', () => p.ret(calls.setContainer(g, c)));
    expect(unique(orders)).toEqual([
      'vfio_group.group_lock > vfio_container.group_lock',
      'vfio_group.group_lock > vfio_container.group_lock > vfio_iommu.lock',
    ]);
    p.end();
  });

  test('choosing the IOMMU takes no group lock', () => {
    const p = new Program(era);
    const c = p.ret(calls.openContainer());
    p.ret(calls.setContainer(p.ret(calls.openGroup(GROUP.solo1)), c));
    const orders = heldAt(p, 'iommu_group.mutex', () => p.ret(calls.setIommu(c, 3)));
    expect(unique(orders)).toEqual(['vfio_container.group_lock > vfio.iommu_drivers_lock > vfio_iommu.lock']);
    p.end();
  });

  test('a design that attaches with the device does so inside the open', () => {
    const p = new Program(era, atDeviceFd);
    const { g } = p.container(GROUP.solo1);
    const orders = heldAt(p, 'iommu_group.mutex', () =>
      p.ret(calls.getDeviceFd(g[0] as number, '0000:01:00.0')),
    );
    const outer = era === '6.1' ? 'vfio_group.group_lock' : 'vfio_group.group_lock > vfio_device_set.lock';
    expect(unique(orders)).toEqual([`${outer} > vfio_container.group_lock > vfio_iommu.lock`]);
    p.end();
  });

  test('unplugging the last device detaches under the device lock and the global one', () => {
    const p = new Program(era);
    p.container(GROUP.solo1);
    const orders = heldAt(p, 'vfio_iommu.lock', () => {
      expect(shown(p.system.sysfs.unbind('solo1'))).toBe('ok');
    });
    expect(unique(orders)).toEqual([
      'device.mutex > vfio.group_lock > vfio_group.group_lock > vfio_container.group_lock',
    ]);
    p.end();
  });

  test('opening a device: the group lock outside or inside of the device set', () => {
    const p = new Program(era);
    const { g } = p.container(GROUP.solo1);
    const open = () => p.ret(calls.getDeviceFd(g[0] as number, '0000:01:00.0'));
    const set = heldAt(p, 'vfio_device_set.lock', open);
    const group = heldAt(p, 'vfio_group.group_lock', open);
    if (era !== '6.1') {
      expect(unique(set)).toEqual(['vfio_group.group_lock']);
      expect(unique(group)).toEqual(['']);
    } else {
      expect(unique(set)).toEqual(['']);
      // The second open takes the group's lock only to use the container.
      expect(unique(group)).toEqual(['']);
    }
    p.end();
  });

  test('the first open on 6.1 takes the group lock a second time, inside of the device set', () => {
    const p = new Program(era);
    const { g } = p.container(GROUP.solo1);
    const orders = heldAt(p, 'vfio_group.group_lock', () => {
      p.ret(calls.getDeviceFd(g[0] as number, '0000:01:00.0'));
    });
    expect(orders.map((held) => held.join(' > '))).toEqual(
      era === '6.1' ? ['', 'vfio_device_set.lock'] : [''],
    );
    p.end();
  });
});
