/** The core of 5.10: no owners, no rollback, newcomers on the default domain, listeners. (kernel-traces of 5.10; read in 5.16) */
import { describe, expect, it } from 'vitest';
import {
  bindDriver,
  type DeviceDriver,
  type GroupEvent,
  inject,
  iommuAttachGroup,
  iommuDomainAlloc,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupGet,
  iommuGroupReleaseDmaOwner,
  Kernel,
  pciRemove,
  pciRescan,
  unbindDriver,
} from '../src/index';
import { deviceOf, groupOf, run } from './call';
import { recordedMachine } from './recorded-machine';

const uio: DeviceDriver = {
  name: 'uio_pci_generic',
  driverManagedDma: false,
  *probe() {
    return 0;
  },
  *remove() {},
};

function booted() {
  const kernel = new Kernel(recordedMachine('5.10'));
  const domain = run(kernel, () => iommuDomainAlloc(kernel.pciBus));
  if (domain === null) throw new Error('no domain');
  return { kernel, domain, group: groupOf(kernel, 'mf0') };
}

describe('the core of 5.10', () => {
  it('has no owners: a claim takes nothing, a release gives nothing back, any driver may bind', () => {
    const { kernel, group } = booted();
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, {}))).toBe(0);
    expect([group.owner.value, group.domain.value]).toEqual([null, group.defaultDomain.value]);
    expect(run(kernel, () => bindDriver(deviceOf(kernel, 'mf1'), uio))).toBe(0);
    expect(group.ownerCount.value).toBe(0);
    run(kernel, () => iommuGroupReleaseDmaOwner(group));
    run(kernel, () => unbindDriver(deviceOf(kernel, 'mf1')));
    expect(kernel.warnings.value).toEqual([]);
    expect(kernel.world.violations).toEqual([]);
  });

  it('leaves the members before a failing one on the new domain', () => {
    const { kernel, domain, group } = booted();
    const [mf0, mf1] = [deviceOf(kernel, 'mf0'), deviceOf(kernel, 'mf1')];
    inject(kernel, { operation: 'attach_dev', device: mf1.name, passes: 0, errno: 'EINVAL' });
    expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe('EINVAL');
    expect(mf0.attachedDomain.value).toBe(domain);
    expect(mf1.attachedDomain.value).toBe(group.defaultDomain.value);
    expect(group.domain.value).toBe(group.defaultDomain.value);
    expect(kernel.world.violations.map(({ message }) => message.slice(0, 2))).toContain('I1');
  });

  it('notes a domain for a group without a member', () => {
    const { kernel, domain } = booted();
    const group = groupOf(kernel, 'hot');
    run(kernel, () => iommuGroupGet(deviceOf(kernel, 'hot')));
    run(kernel, () => pciRemove(deviceOf(kernel, 'hot')));
    expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe(0);
    expect(group.domain.value).toBe(domain);
  });

  it('tells listeners of drivers and newcomers of their group', () => {
    const { kernel, group } = booted();
    const heard: string[] = [];
    const listener = {
      group,
      *notify(event: GroupEvent, { name }: { readonly name: string }) {
        heard.push(`${event} ${name}`);
      },
    };
    run(kernel, () => kernel.groupListeners.addTail(listener) as never);
    run(kernel, () => bindDriver(deviceOf(kernel, 'mf1'), uio));
    run(kernel, () => unbindDriver(deviceOf(kernel, 'mf1')));
    run(kernel, () => bindDriver(deviceOf(kernel, 'solo1'), uio));
    run(kernel, () => pciRemove(deviceOf(kernel, 'mf1')));
    run(kernel, () => pciRescan(kernel));
    expect(heard).toEqual(['bound 0000:00:05.1', 'unbound 0000:00:05.1', 'added 0000:00:05.1']);
  });
});

describe('a member that comes back on 5.10', () => {
  it('to a group on its default domain, cannot be attached to another (stage/readd-claimed)', () => {
    const { kernel, domain, group } = booted();
    run(kernel, () => pciRemove(deviceOf(kernel, 'mf1')));
    run(kernel, () => pciRescan(kernel));
    const mf1 = deviceOf(kernel, 'mf1');
    expect([mf1.group.value, mf1.attachedDomain.value]).toEqual([group, group.defaultDomain.value]);
    expect(kernel.driverFaults.value).toEqual([]);
    expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe('EBUSY');
    expect(kernel.driverFaults.value).toHaveLength(1);
  });

  it('to a group on a user domain, is in no group, and freeing that domain kills the kernel (stage/readd-member)', () => {
    const { kernel, domain, group } = booted();
    expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe(0);
    run(kernel, () => pciRemove(deviceOf(kernel, 'mf1')));
    run(kernel, () => pciRescan(kernel));
    expect(deviceOf(kernel, 'mf1').group.value).toBe(null);
    expect(group.devices.value.map(({ name }) => name)).toEqual(['0000:00:05.0']);
    const free = kernel.call('test', () => iommuDomainFree(domain));
    expect(free).toMatchObject({ status: 'oops', fiber: { oops: { kind: 'crash' } } });
  });

  it('to a group of its own, is as it was', () => {
    const { kernel, domain } = booted();
    run(kernel, () => pciRemove(deviceOf(kernel, 'hot')));
    run(kernel, () => pciRescan(kernel));
    expect(run(kernel, () => iommuAttachGroup(domain, groupOf(kernel, 'hot')))).toBe(0);
    expect(kernel.world.violations).toEqual([]);
  });
});
