/**
 * Eras: which kernel's functions run. An era selects whole functions, never flags inside one.
 * Adding an era is adding files and one entry here.
 */
import type { Op } from '@iommu-lab/explorer';
import type { DmaOwner } from './contract';
import type { Device } from './device';
import type { IommuDomain } from './domain';
import type { Errno } from './errno';
import type { IommuGroup } from './group';
import { claimBlocking } from './iommu-core/claim/blocking';
import { releaseOpBeforeList } from './iommu-core/device-release/op-before-list';
import { releaseUnderMutex } from './iommu-core/device-release/under-mutex';
import { addCurrent } from './iommu-core/hot-add/add-current';
import { addCurrentThenDefaultUnlessOwned } from './iommu-core/hot-add/add-current-then-default-unless-owned';
import { setDomainExcludeFailing } from './iommu-core/set-domain/exclude-failing';
import { setDomainMustSucceed } from './iommu-core/set-domain/must-succeed';
import { setDomainNoRollback } from './iommu-core/set-domain/no-rollback';
import { setDomainReattachAll } from './iommu-core/set-domain/reattach-all';
import { setDomainRevertPrefix } from './iommu-core/set-domain/revert-prefix';
import { useDefaultSameDomain } from './iommu-core/use-default-domain/same-domain';
import { useDefaultSameOrBothIdentity } from './iommu-core/use-default-domain/same-or-both-identity';
import type { IntelEra } from './iommu-drivers/intel/era';
import { INTEL_6_1, INTEL_6_12, INTEL_7_2 } from './iommu-drivers/intel/era';

/** Kernels that results can speak of. Those without a table here come with later work. */
export type EraId = '5.10' | '2022-02' | '5.19' | '6.1' | '6.6' | '6.12' | '7.2';

/** The functions of one kernel. Each is named after what it does and documented with the kernel it was read in. */
export interface EraFunctions {
  readonly id: EraId;
  /** `recorded` where a recording of that kernel exists, `read` where only its source was read. */
  readonly evidence: 'recorded' | 'read';
  /** The attach path. Precondition for all of these: group.mutex is held. */
  setDomainForAttach(group: IommuGroup, domain: IommuDomain): Op<0 | Errno>;
  setDomainForClaim(group: IommuGroup, domain: IommuDomain): Op<0 | Errno>;
  /** Release and detach: the caller cannot handle an error. */
  setDomainForRelease(group: IommuGroup, domain: IommuDomain): Op<0 | Errno>;
  claim(group: IommuGroup, owner: DmaOwner): Op<0 | Errno>;
  hotAdd(group: IommuGroup, device: Device): Op<0 | Errno>;
  /** Takes the group's mutex itself. */
  releaseDevice(device: Device): Op<void>;
  useDefaultDomain(group: IommuGroup): Op<0 | Errno>;
  readonly intel: IntelEra;
}

const ERAS: Partial<Record<EraId, EraFunctions>> = {
  '6.1': {
    id: '6.1',
    evidence: 'recorded',
    setDomainForAttach: setDomainReattachAll,
    setDomainForClaim: setDomainNoRollback,
    setDomainForRelease: setDomainNoRollback,
    claim: claimBlocking,
    hotAdd: addCurrentThenDefaultUnlessOwned,
    releaseDevice: releaseOpBeforeList,
    useDefaultDomain: useDefaultSameOrBothIdentity,
    intel: INTEL_6_1,
  },
  '6.12': {
    id: '6.12',
    evidence: 'recorded',
    setDomainForAttach: setDomainRevertPrefix,
    setDomainForClaim: setDomainRevertPrefix,
    setDomainForRelease: setDomainMustSucceed,
    claim: claimBlocking,
    hotAdd: addCurrent,
    releaseDevice: releaseUnderMutex,
    useDefaultDomain: useDefaultSameDomain,
    intel: INTEL_6_12,
  },
  '7.2': {
    id: '7.2',
    evidence: 'recorded',
    setDomainForAttach: setDomainExcludeFailing,
    setDomainForClaim: setDomainExcludeFailing,
    setDomainForRelease: setDomainMustSucceed,
    claim: claimBlocking,
    hotAdd: addCurrent,
    releaseDevice: releaseUnderMutex,
    useDefaultDomain: useDefaultSameDomain,
    intel: INTEL_7_2,
  },
};

/** The eras that can be run, oldest first. */
export function eraIds(): EraId[] {
  return Object.keys(ERAS) as EraId[];
}

/** @throws TypeError for an era without a table: callers check user input against `eraIds()` first. */
export function eraFunctions(id: EraId): EraFunctions {
  const era = ERAS[id];
  if (era === undefined) throw new TypeError(`no functions for era ${id}; there are: ${eraIds().join(', ')}`);
  return era;
}
