/** The core of the thread's own tree: owners without a blocking domain and without rollback. (Patches of January 2022) */
import { describe, expect, it } from 'vitest';
import {
  bindDriver,
  type DeviceDriver,
  eraFunctions,
  inject,
  iommuAttachGroup,
  iommuDetachGroup,
  iommuDomainAlloc,
  iommuGroupClaimDmaOwner,
  iommuGroupReleaseDmaOwner,
  Kernel,
  pciRemove,
  pciRescan,
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

const owner = { label: 'me' };

function owned() {
  const kernel = new Kernel(recordedMachine('2022-02'));
  const group = groupOf(kernel, 'mf0');
  const domain = run(kernel, () => iommuDomainAlloc(kernel.pciBus));
  if (domain === null) throw new Error('no domain');
  expect(run(kernel, () => iommuGroupClaimDmaOwner(group, owner))).toBe(0);
  const [mf0, mf1] = [deviceOf(kernel, 'mf0'), deviceOf(kernel, 'mf1')];
  return { kernel, group, domain, mf0, mf1 };
}

describe('ownership in February 2022', () => {
  it('was read, not recorded', () => {
    expect(eraFunctions('2022-02').evidence).toBe('read');
  });

  it('a claim leaves the group on no domain, and makes no blocking domain', () => {
    const { kernel, group, mf0, mf1 } = owned();
    expect([group.domain.value, mf0.attachedDomain.value, mf1.attachedDomain.value]).toEqual([
      null,
      null,
      null,
    ]);
    expect(group.blockingDomain.value).toBe(null);
    expect(kernel.world.violations).toEqual([]);
  });

  it('the same owner may claim again, and the last release gives the group back', () => {
    const { kernel, group } = owned();
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, owner))).toBe(0);
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, {}))).toBe('EPERM');
    run(kernel, () => iommuGroupReleaseDmaOwner(group));
    expect([group.owner.value, group.domain.value]).toEqual([owner, null]);
    run(kernel, () => iommuGroupReleaseDmaOwner(group));
    expect([group.owner.value, group.domain.value]).toEqual([null, group.defaultDomain.value]);
    expect(kernel.warnings.value).toEqual([]);
  });

  it('a kernel driver keeps claims out, and a claim keeps kernel drivers out', () => {
    const { kernel, group, mf1 } = owned();
    expect(run(kernel, () => bindDriver(mf1, uio))).toBe('EBUSY');
    run(kernel, () => iommuGroupReleaseDmaOwner(group));
    expect(run(kernel, () => bindDriver(mf1, uio))).toBe(0);
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, owner))).toBe('EPERM');
  });

  it('a detach while owned leaves the group on no domain', () => {
    const { kernel, group, domain } = owned();
    expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe(0);
    run(kernel, () => iommuDetachGroup(domain, group));
    expect(group.domain.value).toBe(null);
    expect(kernel.world.violations).toEqual([]);
  });

  it('a release with a domain attached leaves it attached, with a warning', () => {
    const { kernel, group, domain } = owned();
    run(kernel, () => iommuAttachGroup(domain, group));
    run(kernel, () => iommuGroupReleaseDmaOwner(group));
    expect([group.owner.value, group.domain.value]).toEqual([null, domain]);
    expect(kernel.warnings.value).toEqual(['iommu_group_release_dma_owner']);
  });

  it('an attach that fails is not taken back', () => {
    const { kernel, group, domain, mf0, mf1 } = owned();
    inject(kernel, { operation: 'attach_dev', device: mf1.name, passes: 0, errno: 'EINVAL' });
    expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe('EINVAL');
    expect([group.domain.value, mf0.attachedDomain.value, mf1.attachedDomain.value]).toEqual([
      null,
      domain,
      null,
    ]);
    expect(kernel.world.violations.map(({ message }) => message.slice(0, 2))).toContain('I1');
  });

  it('a newcomer to an owned group without a domain stays unattached', () => {
    const { kernel, group, mf1 } = owned();
    run(kernel, () => pciRemove(mf1));
    run(kernel, () => pciRescan(kernel));
    const back = deviceOf(kernel, 'mf1');
    expect([back.group.value, back.attachedDomain.value]).toEqual([group, null]);
    expect(kernel.world.violations).toEqual([]);
  });
});
