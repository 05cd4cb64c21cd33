import { describe, expect, it } from 'vitest';
import {
  inject,
  iommuAttachGroup,
  iommuGroupClaimDmaOwner,
  iommuGroupReleaseDmaOwner,
  iommuPagingDomainAlloc,
  isErrno,
  Kernel,
} from '../src/index';
import { deviceOf, groupOf, run } from './call';
import { recordedMachine } from './recorded-machine';

/** The group `mf`, owned, and a new domain for it. */
function owned(era: '6.1' | '6.12' | '7.2') {
  const kernel = new Kernel(recordedMachine(era));
  const group = groupOf(kernel, 'mf0');
  run(kernel, () => iommuGroupClaimDmaOwner(group, {}));
  const domain = run(kernel, () => iommuPagingDomainAlloc(deviceOf(kernel, 'mf0')));
  if (isErrno(domain)) throw new Error(domain);
  const mf1 = deviceOf(kernel, 'mf1');
  return { kernel, group, domain, mf0: deviceOf(kernel, 'mf0'), mf1 };
}

describe('a failure at the second member', () => {
  it.each(['6.1', '6.12', '7.2'] as const)(
    '%s: attach puts both members back on the blocking domain',
    (era) => {
      const { kernel, group, domain, mf0, mf1 } = owned(era);
      inject(kernel, { operation: 'attach_dev', device: mf1.name, passes: 0, errno: 'EINVAL' });
      expect(run(kernel, () => iommuAttachGroup(domain, group))).toBe('EINVAL');
      const blocking = group.blockingDomain.value;
      expect([group.domain.value, mf0.attachedDomain.value, mf1.attachedDomain.value]).toEqual([
        blocking,
        blocking,
        blocking,
      ]);
      expect(domain.attachments.value).toBe(0);
      expect(kernel.world.violations).toEqual([]);
    },
  );

  it('6.1: a failing claim leaves the first member on the blocking domain (no rollback)', () => {
    const kernel = new Kernel(recordedMachine('6.1'));
    const group = groupOf(kernel, 'mf0');
    const [mf0, mf1] = [deviceOf(kernel, 'mf0'), deviceOf(kernel, 'mf1')];
    inject(kernel, { operation: 'attach_core', device: mf1.name, passes: 0, errno: 'ENOMEM' });
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, {}))).toBe('ENOMEM');
    expect(group.domain.value).toBe(group.defaultDomain.value);
    expect(mf0.attachedDomain.value).toBe(group.blockingDomain.value);
    expect(mf1.attachedDomain.value).toBe(group.defaultDomain.value);
    // Members on two domains: the invariant sees it.
    expect(kernel.world.violations.map((violation) => violation.message.slice(0, 2))).toContain('I1');
  });

  it.each(['6.12', '7.2'] as const)('%s: a failing claim goes back to default as a whole', (era) => {
    const kernel = new Kernel(recordedMachine(era));
    const group = groupOf(kernel, 'mf0');
    const [mf0, mf1] = [deviceOf(kernel, 'mf0'), deviceOf(kernel, 'mf1')];
    inject(kernel, { operation: 'attach_core', device: mf1.name, passes: 0, errno: 'ENOMEM' });
    expect(run(kernel, () => iommuGroupClaimDmaOwner(group, {}))).toBe('ENOMEM');
    expect([mf0.attachedDomain.value, mf1.attachedDomain.value]).toEqual([
      group.defaultDomain.value,
      group.defaultDomain.value,
    ]);
    expect(kernel.world.violations).toEqual([]);
  });

  it.each([
    ['6.12', ['0000:00:05.0', '0000:00:05.1']],
    ['7.2', ['0000:00:05.0']],
  ] as const)('%s: these are put back after an attach that failed at the second', (era, putBack) => {
    const { kernel, group, domain, mf1 } = owned(era);
    inject(kernel, { operation: 'attach_dev', device: mf1.name, passes: 0, errno: 'EINVAL' });
    const seen: string[] = [];
    kernel.world.listener = ({ kind, name, detail, target }) => {
      if (kind === 'call' && name === `__iommu_attach_device@${era}`) seen.push(`${target}${detail}`);
    };
    run(kernel, () => iommuAttachGroup(domain, group));
    const back = `${group.blockingDomain.value?.label}, `;
    const labels = seen.filter((text) => text.startsWith(back)).map((text) => text.slice(back.length));
    expect(labels).toEqual(putBack.map((name) => `device:${name}`));
  });

  it.each(['6.12', '7.2'] as const)(
    '%s: a failing release parks the member on the blocking domain and goes on',
    (era) => {
      const kernel = new Kernel(recordedMachine(era));
      const group = groupOf(kernel, 'mf0');
      const [mf0, mf1] = [deviceOf(kernel, 'mf0'), deviceOf(kernel, 'mf1')];
      run(kernel, () => iommuGroupClaimDmaOwner(group, {}));
      inject(kernel, { operation: 'attach_core', device: mf0.name, passes: 0, errno: 'ENOMEM' });
      run(kernel, () => iommuGroupReleaseDmaOwner(group));
      expect(mf0.attachedDomain.value).toBe(group.blockingDomain.value);
      expect(mf1.attachedDomain.value).toBe(group.defaultDomain.value);
      expect(kernel.warnings.value.length).toBeGreaterThan(0);
    },
  );
});
