/** Domain ids of a unit: a domain has one while at least one device is attached. `@kernel domain_attach_iommu` */
import type { Op } from '@iommu-lab/explorer';
import type { IommuDomain } from '../../domain';
import type { Errno } from '../../errno';
import type { IntelIommu } from './iommu';

/** Ids 0 and 1 are reserved: what is absent is cached under 0 in caching mode, pass-through uses 1. */
const FIRST_FREE_ID = 2;

/** Precondition: instance.lock is held. ENOSPC: the unit's ids are used up. */
export function* attachDomainId(instance: IntelIommu, domain: IommuDomain): Op<0 | Errno> {
  const attachments = yield* domain.attachments.load();
  if (attachments === 0) {
    const used = yield* instance.domainIds.load();
    const id = lowestFree(used);
    if (id >= instance.unit.domainIds) return 'ENOSPC';
    yield* instance.domainIds.store([...used, id]);
    yield* domain.hardwareId.store(id);
  }
  yield* domain.attachments.store(attachments + 1);
  return 0;
}

/** Precondition: instance.lock is held. */
export function* detachDomainId(instance: IntelIommu, domain: IommuDomain): Op<void> {
  const attachments = yield* domain.attachments.load();
  yield* domain.attachments.store(attachments - 1);
  if (attachments > 1) return;
  const id = yield* domain.hardwareId.load();
  const used = yield* instance.domainIds.load();
  yield* instance.domainIds.store(used.filter((other) => other !== id));
  yield* domain.hardwareId.store(0);
}

function lowestFree(ids: readonly number[]): number {
  const used = new Set(ids);
  let id = FIRST_FREE_ID;
  while (used.has(id)) id++;
  return id;
}
