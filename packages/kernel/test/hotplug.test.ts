import { describe, expect, it } from 'vitest';
import {
  bindDriver,
  type DeviceDriver,
  iommuGroupGet,
  iommuGroupPut,
  Kernel,
  pciRemove,
  pciRescan,
} from '../src/index';
import { deviceOf, groupOf, run } from './call';
import { recordedMachine } from './recorded-machine';

describe.each(['6.1', '6.12', '7.2'] as const)('hotplug at %s', (era) => {
  it('a removed device is freed and leaves its group; the last one takes the group with it', () => {
    const kernel = new Kernel(recordedMachine(era));
    const hot = deviceOf(kernel, 'hot');
    const group = groupOf(kernel, 'hot');
    const tables = kernel.machine.memory.tablesInUse;
    run(kernel, () => pciRemove(hot));
    expect([hot.freed, group.freed, hot.state.value]).toEqual([true, true, 'released']);
    expect(kernel.findDevice('hot')).toBe(null);
    run(kernel, () => pciRescan(kernel));
    expect(groupOf(kernel, 'hot').id).toBe(group.id);
    expect(kernel.machine.memory.tablesInUse).toBe(tables);
    expect(kernel.world.violations).toEqual([]);
  });

  it('a reference keeps the group and its number, not its members', () => {
    const kernel = new Kernel(recordedMachine(era));
    const hot = deviceOf(kernel, 'hot');
    const group = run(kernel, () => iommuGroupGet(hot));
    if (group === null) throw new Error('no group');
    run(kernel, () => pciRemove(hot));
    expect(group.freed).toBe(false);
    expect(group.devices.value).toEqual([]);
    run(kernel, () => pciRescan(kernel));
    expect(groupOf(kernel, 'hot')).not.toBe(group);
    run(kernel, () => iommuGroupPut(group));
    expect(group.freed).toBe(true);
    expect(kernel.world.violations).toEqual([]);
  });

  it('removing the bridge removes what is behind it first: drivers from the last, devices from the first', () => {
    const kernel = new Kernel(recordedMachine(era));
    const order: string[] = [];
    const deleted: string[] = [];
    const watching: DeviceDriver = {
      name: 'watching',
      driverManagedDma: true,
      *probe() {
        return 0;
      },
      *remove(device) {
        order.push(device.name);
      },
    };
    for (const name of ['pair1', 'pair2', '0000:03:00.0']) {
      run(kernel, () => bindDriver(deviceOf(kernel, name), watching));
    }
    kernel.world.listener = ({ kind, name, target }) => {
      if (kind === 'call' && name.startsWith('device_del@')) deleted.push(target);
    };
    run(kernel, () => pciRemove(deviceOf(kernel, '0000:03:00.0')));
    kernel.world.listener = null;
    expect(order).toEqual(['0000:04:02.0', '0000:04:01.0', '0000:03:00.0']);
    expect(deleted).toEqual(['device:0000:04:01.0', 'device:0000:04:02.0', 'device:0000:03:00.0']);
    run(kernel, () => pciRescan(kernel));
    expect(groupOf(kernel, 'pair1')).toBe(groupOf(kernel, '0000:03:00.0'));
    expect(kernel.world.violations).toEqual([]);
  });

  it('a newcomer joins its sibling and is on the domain that the group is on', () => {
    const kernel = new Kernel(recordedMachine(era));
    run(kernel, () => pciRemove(deviceOf(kernel, 'mf1')));
    run(kernel, () => pciRescan(kernel));
    const group = groupOf(kernel, 'mf0');
    expect(groupOf(kernel, 'mf1')).toBe(group);
    expect(deviceOf(kernel, 'mf1').attachedDomain.value).toBe(group.domain.value);
  });
});
