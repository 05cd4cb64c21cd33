/** Attaching and detaching a whole group, with the checks that all designs share. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { IommuDomain } from '../domain';
import type { Errno } from '../errno';
import type { IommuGroup } from '../group';

/**
 * Attaches every member, from the default or the blocking domain only. Nobody asks who owns the group.
 * Precondition: group.mutex is held. A group without a member: by the era's rule. EBUSY: another domain is attached.
 * EINVAL: the domain is another driver's. Otherwise the errors of setDomain. `@kernel __iommu_attach_group`
 */
export function* attachGroupLocked(domain: IommuDomain, group: IommuGroup): Op<0 | Errno> {
  const current = yield* group.domain.load();
  const fromCore =
    current === null ||
    current === (yield* group.defaultDomain.load()) ||
    current === (yield* group.blockingDomain.load());
  if (!fromCore) return 'EBUSY';
  return yield* setGroupDomain(domain, group);
}

/**
 * Puts every member on the domain, whatever it is on. Precondition: group.mutex is held.
 * A group without a member: by the era's rule. EINVAL: the domain is another driver's. Otherwise the errors of setDomain.
 */
export function* setGroupDomain(domain: IommuDomain, group: IommuGroup): Op<0 | Errno> {
  const devices = yield* group.devices.load();
  judgeMadeFor(domain, devices, group);
  const [first] = devices;
  if (first === undefined) return yield* group.kernel.era.attachEmpty(group, domain);
  const instance = yield* first.iommu.load();
  if (instance === null) return 'ENODEV';
  if (instance.driver !== domain.driver) return 'EINVAL';
  return yield* group.kernel.era.setDomainForAttach(group, domain);
}

/** Whoever makes a domain for a member and attaches the group answers for it that this is a member still. */
function judgeMadeFor(domain: IommuDomain, devices: readonly Device[], group: IommuGroup): void {
  const { madeFor } = domain;
  if (madeFor === null || madeFor.group !== group || devices.includes(madeFor.device)) return;
  const message = `${domain.label} was made for ${madeFor.device.label}, which has left ${group.label} before the attach`;
  group.kernel.world.report('contract-breach', message, domain.label);
}

/** `attachGroupLocked` under the group's mutex. `@kernel iommu_attach_group` */
export const iommuAttachGroup = kernelFunction(
  'iommu_attach_group',
  function* iommuAttachGroup(domain: IommuDomain, group: IommuGroup): Op<0 | Errno> {
    yield* group.mutex.lock();
    const error = yield* attachGroupLocked(domain, group);
    yield* group.mutex.unlock();
    return error;
  },
);

/**
 * Puts the group where the core keeps one that is on nobody's domain, by the era's rule. Cannot fail.
 * Precondition: group.mutex is held.
 */
export function* setCoreDomain(group: IommuGroup): Op<void> {
  yield* group.kernel.era.setCoreDomain(group);
}

/** Takes the group off whatever is attached; which domain it was is not looked at. `@kernel iommu_detach_group` */
export const iommuDetachGroup = kernelFunction(
  'iommu_detach_group',
  function* iommuDetachGroup(_domain: IommuDomain, group: IommuGroup): Op<void> {
    yield* group.mutex.lock();
    yield* setCoreDomain(group);
    yield* group.mutex.unlock();
  },
);
