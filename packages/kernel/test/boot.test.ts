import { describe, expect, it } from 'vitest';
import { Kernel } from '../src/index';
import { recordedMachine } from './recorded-machine';

describe('boot', () => {
  it.each(['6.1', '6.12', '7.2'] as const)(
    '%s: every function has an IOMMU, a group and its default domain',
    (era) => {
      const kernel = new Kernel(recordedMachine(era));
      expect(kernel.world.violations).toEqual([]);
      for (const device of kernel.devices()) {
        const group = device.group.value;
        expect(group?.domain.value).toBe(group?.defaultDomain.value);
        expect(device.attachedDomain.value).toBe(group?.domain.value);
      }
      const members = (label: string) =>
        kernel.findDevice(label)?.group.value?.devices.value.map((device) => device.name);
      expect(members('mf0')).toEqual(['0000:00:05.0', '0000:00:05.1']);
      expect(members('solo1')).toEqual(['0000:01:00.0']);
      expect(members('pair1')).toEqual(['0000:03:00.0', '0000:04:01.0', '0000:04:02.0']);
      expect(kernel.findDevice('solo1')?.group.value?.id).toBe(7);
    },
  );
});
