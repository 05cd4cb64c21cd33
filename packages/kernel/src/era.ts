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
import { attachEmptyNoted } from './iommu-core/attach-empty/noted';
import { attachEmptyRefused } from './iommu-core/attach-empty/refused';
import { claimBlocking } from './iommu-core/claim/blocking';
import { claimDetachToNull, releaseCounted } from './iommu-core/claim/detach-to-null';
import { claimNone, releaseNone, requireNobody } from './iommu-core/claim/none';
import { requireOwner } from './iommu-core/claim/require-owner';
import { coreDomainBlockingWhileOwned } from './iommu-core/core-domain/blocking-while-owned';
import { coreDomainNullWhileOwned } from './iommu-core/core-domain/null-while-owned';
import { releaseOpBeforeList } from './iommu-core/device-release/op-before-list';
import { releaseUnderMutex } from './iommu-core/device-release/under-mutex';
import {
  iommuDeviceUnuseDefaultDomain,
  iommuDeviceUseDefaultDomain,
} from './iommu-core/driver-users/counted';
import { admitAnyDriver, dismissAnyDriver, useDefaultUnasked } from './iommu-core/driver-users/uncounted';
import { type GroupEvent, tellListeners, tellNobody } from './iommu-core/group-listeners';
import { addCurrent } from './iommu-core/hot-add/add-current';
import { addCurrentThenDefault } from './iommu-core/hot-add/add-current-then-default';
import { addCurrentThenDefaultUnlessOwned } from './iommu-core/hot-add/add-current-then-default-unless-owned';
import { releaseToDefault } from './iommu-core/release/to-default';
import { setDomainExcludeFailing } from './iommu-core/set-domain/exclude-failing';
import { setDomainMustSucceed } from './iommu-core/set-domain/must-succeed';
import { setDomainNoRollback } from './iommu-core/set-domain/no-rollback';
import { setDomainReattachAll } from './iommu-core/set-domain/reattach-all';
import { setDomainRevertPrefix } from './iommu-core/set-domain/revert-prefix';
import { useDefaultSameDomain } from './iommu-core/use-default-domain/same-domain';
import { useDefaultSameOrBothIdentity } from './iommu-core/use-default-domain/same-or-both-identity';
import type { IntelEra } from './iommu-drivers/intel/era';
import { INTEL_5_10, INTEL_6_1, INTEL_6_12, INTEL_7_2, INTEL_2022_02 } from './iommu-drivers/intel/era';

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
  /** Puts a group that is on nobody's domain where the core keeps it. Cannot fail. */
  setCoreDomain(group: IommuGroup): Op<void>;
  /** Whether an owned group may be on no domain at all. */
  readonly ownedOnNothing: boolean;
  /** What a group without a member answers to an attach. */
  attachEmpty(group: IommuGroup, domain: IommuDomain): Op<0 | Errno>;
  claim(group: IommuGroup, owner: DmaOwner): Op<0 | Errno>;
  /** Whether a caller that must own the group does. EPERM: nobody owns it. Where there are no owners nobody is refused. */
  requireOwner(group: IommuGroup): Op<0 | Errno>;
  release(group: IommuGroup): Op<void>;
  hotAdd(group: IommuGroup, device: Device): Op<0 | Errno>;
  /** Takes the group's mutex itself. */
  releaseDevice(device: Device): Op<void>;
  useDefaultDomain(group: IommuGroup): Op<0 | Errno>;
  /** Before a driver that uses the kernel's DMA API is bound to the device, and after it has left: its mutex is held. */
  admitDriver(device: Device): Op<0 | Errno>;
  dismissDriver(device: Device): Op<void>;
  /** No lock of the group is held. */
  tellListeners(event: GroupEvent, device: Device, group: IommuGroup | null): Op<void>;
  readonly intel: IntelEra;
}

const ERAS: Partial<Record<EraId, EraFunctions>> = {
  '5.10': {
    id: '5.10',
    evidence: 'recorded',
    setDomainForAttach: setDomainNoRollback,
    setDomainForClaim: setDomainNoRollback,
    setDomainForRelease: setDomainNoRollback,
    setCoreDomain: coreDomainBlockingWhileOwned,
    ownedOnNothing: false,
    attachEmpty: attachEmptyNoted,
    claim: claimNone,
    requireOwner: requireNobody,
    release: releaseNone,
    hotAdd: addCurrentThenDefault,
    releaseDevice: releaseOpBeforeList,
    useDefaultDomain: useDefaultUnasked,
    admitDriver: admitAnyDriver,
    dismissDriver: dismissAnyDriver,
    tellListeners,
    intel: INTEL_5_10,
  },
  '2022-02': {
    id: '2022-02',
    evidence: 'read',
    setDomainForAttach: setDomainNoRollback,
    setDomainForClaim: setDomainNoRollback,
    setDomainForRelease: setDomainNoRollback,
    setCoreDomain: coreDomainNullWhileOwned,
    ownedOnNothing: true,
    attachEmpty: attachEmptyNoted,
    claim: claimDetachToNull,
    requireOwner,
    release: releaseCounted,
    hotAdd: addCurrentThenDefaultUnlessOwned,
    releaseDevice: releaseOpBeforeList,
    useDefaultDomain: useDefaultSameDomain,
    admitDriver: iommuDeviceUseDefaultDomain,
    dismissDriver: iommuDeviceUnuseDefaultDomain,
    tellListeners: tellNobody,
    intel: INTEL_2022_02,
  },
  '6.1': {
    id: '6.1',
    evidence: 'recorded',
    setDomainForAttach: setDomainReattachAll,
    setDomainForClaim: setDomainNoRollback,
    setDomainForRelease: setDomainNoRollback,
    setCoreDomain: coreDomainBlockingWhileOwned,
    ownedOnNothing: false,
    attachEmpty: attachEmptyRefused,
    claim: claimBlocking,
    requireOwner,
    release: releaseToDefault,
    hotAdd: addCurrentThenDefaultUnlessOwned,
    releaseDevice: releaseOpBeforeList,
    useDefaultDomain: useDefaultSameOrBothIdentity,
    admitDriver: iommuDeviceUseDefaultDomain,
    dismissDriver: iommuDeviceUnuseDefaultDomain,
    tellListeners: tellNobody,
    intel: INTEL_6_1,
  },
  '6.12': {
    id: '6.12',
    evidence: 'recorded',
    setDomainForAttach: setDomainRevertPrefix,
    setDomainForClaim: setDomainRevertPrefix,
    setDomainForRelease: setDomainMustSucceed,
    setCoreDomain: coreDomainBlockingWhileOwned,
    ownedOnNothing: false,
    attachEmpty: attachEmptyRefused,
    claim: claimBlocking,
    requireOwner,
    release: releaseToDefault,
    hotAdd: addCurrent,
    releaseDevice: releaseUnderMutex,
    useDefaultDomain: useDefaultSameDomain,
    admitDriver: iommuDeviceUseDefaultDomain,
    dismissDriver: iommuDeviceUnuseDefaultDomain,
    tellListeners: tellNobody,
    intel: INTEL_6_12,
  },
  '7.2': {
    id: '7.2',
    evidence: 'recorded',
    setDomainForAttach: setDomainExcludeFailing,
    setDomainForClaim: setDomainExcludeFailing,
    setDomainForRelease: setDomainMustSucceed,
    setCoreDomain: coreDomainBlockingWhileOwned,
    ownedOnNothing: false,
    attachEmpty: attachEmptyRefused,
    claim: claimBlocking,
    requireOwner,
    release: releaseToDefault,
    hotAdd: addCurrent,
    releaseDevice: releaseUnderMutex,
    useDefaultDomain: useDefaultSameDomain,
    admitDriver: iommuDeviceUseDefaultDomain,
    dismissDriver: iommuDeviceUnuseDefaultDomain,
    tellListeners: tellNobody,
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
