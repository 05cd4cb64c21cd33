import { describe, expect, it } from 'vitest';
import {
  bindDriver,
  type DeviceDriver,
  iommuAttachGroup,
  iommuDetachGroup,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupReleaseDmaOwner,
  iommuPagingDomainAlloc,
  isErrno,
  Kernel,
  unbindDriver,
} from '../src/index';
import { deviceOf, groupOf, run } from './call';
import { recordedMachine } from './recorded-machine';

const driver = (name: string, driverManagedDma: boolean): DeviceDriver => ({
  name,
  driverManagedDma,
  *probe() {
    return 0;
  },
  *remove() {},
});
const uio = driver('uio_pci_generic', false);
const stub = driver('pci-stub', true);
const me = { label: 'me' };
const other = { label: 'other' };

describe.each(['6.1', '6.12', '7.2'] as const)('ownership at %s', (era) => {
  it('a claim moves the group to a blocking domain, a release back to default', () => {
    const kernel = new Kernel(recordedMachine(era));
    const group = groupOf(kernel, 'mf0');
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, me))).toBe(0);
    expect(group.domain.value).toBe(group.blockingDomain.value);
    expect(group.owner.value).toBe(me);
    run(kernel, () => iommuGroupReleaseDmaOwner(group));
    expect(group.domain.value).toBe(group.defaultDomain.value);
    expect(group.ownerCount.value).toBe(0);
    expect(kernel.world.violations).toEqual([]);
  });

  it('the blocking domain is an empty paging domain before 6.7 and the static one after', () => {
    const kernel = new Kernel(recordedMachine(era));
    const group = groupOf(kernel, 'solo1');
    run(kernel, () => iommuGroupClaimDmaOwner(group, me));
    expect(group.blockingDomain.value?.type).toBe(era === '6.1' ? 'UNMANAGED' : 'BLOCKED');
  });

  it('a second claim is EPERM, by the same owner too', () => {
    const kernel = new Kernel(recordedMachine(era));
    const group = groupOf(kernel, 'solo1');
    run(kernel, () => iommuGroupClaimDmaOwner(group, me));
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, other))).toBe('EPERM');
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, me))).toBe('EPERM');
  });

  it('a sibling on a kernel driver makes a claim EPERM; on a driver-managed one it does not', () => {
    const kernel = new Kernel(recordedMachine(era));
    const group = groupOf(kernel, 'mf0');
    run(kernel, () => bindDriver(deviceOf(kernel, 'mf1'), uio));
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, me))).toBe('EPERM');
    run(kernel, () => unbindDriver(deviceOf(kernel, 'mf1')));
    run(kernel, () => bindDriver(deviceOf(kernel, 'mf1'), stub));
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, me))).toBe(0);
  });

  it('while owned a kernel driver cannot bind: EBUSY', () => {
    const kernel = new Kernel(recordedMachine(era));
    run(kernel, () => iommuGroupClaimDmaOwner(groupOf(kernel, 'mf0'), me));
    expect(run(kernel, () => bindDriver(deviceOf(kernel, 'mf1'), uio))).toBe('EBUSY');
    expect(deviceOf(kernel, 'mf1').driver.value).toBe(null);
    expect(run(kernel, () => bindDriver(deviceOf(kernel, 'mf1'), stub))).toBe(0);
  });

  it("a module's own domain makes a claim EBUSY, and a detach gives the group back", () => {
    const kernel = new Kernel(recordedMachine(era));
    const group = groupOf(kernel, 'solo2');
    const domain = run(kernel, () => iommuPagingDomainAlloc(deviceOf(kernel, 'solo2')));
    if (isErrno(domain)) throw new Error(domain);
    expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe(0);
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, me))).toBe('EBUSY');
    expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe('EBUSY');
    run(kernel, () => iommuDetachGroup(domain, group));
    run(kernel, () => iommuDomainFree(domain));
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, me))).toBe(0);
    expect(kernel.world.violations).toEqual([]);
  });

  it('a detach while owned ends on the blocking domain, not on default', () => {
    const kernel = new Kernel(recordedMachine(era));
    const group = groupOf(kernel, 'solo2');
    run(kernel, () => iommuGroupClaimDmaOwner(group, me));
    const domain = run(kernel, () => iommuPagingDomainAlloc(deviceOf(kernel, 'solo2')));
    if (isErrno(domain)) throw new Error(domain);
    run(kernel, () => iommuAttachGroup(domain, group));
    run(kernel, () => iommuDetachGroup(domain, group));
    expect(group.domain.value).toBe(group.blockingDomain.value);
    expect(kernel.world.violations).toEqual([]);
  });
});
