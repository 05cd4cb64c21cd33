/**
 * A small variant for tests of what stands above the contract: domain by device, attach by group. It is no design
 * of the thread and is never compared.
 */
import type { Op } from '@iommu-lab/explorer';
import type { Capability } from '../capability';
import type { DmaOwner, DomainPort, MoveFailure, OwnershipPort, Target, Variant } from '../contract';
import type { IommuDomain } from '../domain';
import { type Errno, isErrno } from '../errno';
import type { IommuGroup } from '../group';
import { iommuAttachGroup, iommuDetachGroup } from '../iommu-core/attach-group';
import { deviceIommuCapable } from '../iommu-core/capable';
import { iommuGroupClaimDmaOwner, iommuGroupReleaseDmaOwner } from '../iommu-core/claim';
import { iommuDomainFree, iommuPagingDomainAlloc } from '../iommu-core/domain-alloc';
import { iommuGroupForEachDev } from '../iommu-core/group-iterator';

const ownership: OwnershipPort = {
  *claim(target: Target, owner: DmaOwner): Op<0 | Errno> {
    return yield* iommuGroupClaimDmaOwner(target.group, owner);
  },
  *release(target: Target): Op<void> {
    yield* iommuGroupReleaseDmaOwner(target.group);
  },
};

const domain: DomainPort<IommuGroup> = {
  attachTime: 'container',
  *begin(target: Target): Op<IommuGroup | Errno> {
    return target.group;
  },
  *capable(group: IommuGroup, _domain: IommuDomain | null, capability: Capability): Op<boolean> {
    let all = true;
    yield* iommuGroupForEachDev(group, function* ask(device) {
      all = yield* deviceIommuCapable(device, capability);
      return all ? 0 : 1;
    });
    return all;
  },
  *attachNew(group: IommuGroup): Op<IommuDomain | Errno> {
    let made: IommuDomain | Errno = 'ENODEV';
    yield* iommuGroupForEachDev(group, function* allocate(device) {
      made = yield* iommuPagingDomainAlloc(device);
      return 1;
    });
    if (isErrno(made)) return made;
    const error = yield* iommuAttachGroup(made, group);
    if (error === 0) return made;
    yield* iommuDomainFree(made);
    return error;
  },
  *move(group: IommuGroup, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure> {
    yield* iommuDetachGroup(from, group);
    const error = yield* iommuAttachGroup(to, group);
    if (error === 0) return 0;
    const back = yield* iommuAttachGroup(from, group);
    return back === 0 ? { errno: error, nowOn: from } : { errno: back, nowOn: null };
  },
  *end(): Op<void> {},
  *detach(target: Target, detached: IommuDomain): Op<void> {
    yield* iommuDetachGroup(detached, target.group);
  },
};

export const referenceVariant: Variant = {
  id: 'testing/reference',
  title: 'A reference for tests: not a design of the thread',
  eras: ['6.12'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: [],
  sources: [],
};
