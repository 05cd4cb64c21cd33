/**
 * What type1 does differently from kernel to kernel. Between 6.1 and 6.12 only the layout of GET_INFO changed, when
 * 6.6 aligned all capabilities to 8 bytes: a buffer for two iova ranges needs 116 bytes before and 120 after
 * (recorded). 7.2 has no nesting type and reaches the last page of the address space: a range that wraps is EOVERFLOW
 * (recorded). Everything else in this folder holds for all.
 */

import type { Errno } from '@iommu-lab/core';
import type { Op } from '@iommu-lab/explorer';
import type { IommuDomain } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import { type AddressLimit, LIMIT_BY_END, LIMIT_BY_LAST } from './address-limit';
import type { VfioDma } from './dma';
import type { IovaRange } from './iova-ranges';
import { vfioTestDomainFgsp } from './superpage-probe';
import { VFIO_TYPE1_IOMMU, VFIO_TYPE1_NESTING_IOMMU, VFIO_TYPE1V2_IOMMU, VFIO_UNMAP_ALL } from './uapi';
import type { VfioIommu } from './vfio-iommu';

export interface Type1Era {
  /** Extensions that the driver claims with no container at hand. */
  readonly claimedExtensions: readonly number[];
  /** The answer to SET_IOMMU with the nesting type, where it is claimed. */
  readonly nestingErrno: Errno;
  /** Whether a vaddr can be marked invalid and given anew, and everything unmapped at once. From 5.12 on. */
  readonly updatesVaddr: boolean;
  /** Whether any process may unmap what another has mapped. */
  mayUnmap(dma: VfioDma, task: Task): Op<boolean>;
  /** Bytes that a capability of `lengthBytes` occupies in the chain of GET_INFO. */
  capabilityBytes(lengthBytes: number): number;
  /** Bytes of the fixed part of GET_INFO that are written back, by the caller's argsz (at least 16). */
  infoBytes(argszBytes: number): number;
  /** What becomes of ranges at the end of the address space. */
  readonly addressLimit: AddressLimit;
  /** Whether the driver unmaps large pages whole, so that contiguous runs need not be looked for. */
  unmapsLargePagesWhole(iommu: VfioIommu, domain: IommuDomain, ranges: readonly IovaRange[]): Op<boolean>;
}

const CLAIMED = [VFIO_TYPE1_IOMMU, VFIO_TYPE1V2_IOMMU, VFIO_TYPE1_NESTING_IOMMU, VFIO_UNMAP_ALL];
const CLAIMED_WITHOUT_UNMAP_ALL = [VFIO_TYPE1_IOMMU, VFIO_TYPE1V2_IOMMU, VFIO_TYPE1_NESTING_IOMMU];
const CLAIMED_WITHOUT_NESTING = [VFIO_TYPE1_IOMMU, VFIO_TYPE1V2_IOMMU, VFIO_UNMAP_ALL];

/** `@kernel vfio_info_cap_add` until 6.5: as long as the structure is. */
function capabilityUnaligned(lengthBytes: number): number {
  return lengthBytes;
}

/** `@kernel vfio_info_cap_add` from 6.6 on. */
function capabilityAligned(lengthBytes: number): number {
  return Math.ceil(lengthBytes / 8) * 8;
}

/** Up to cap_offset where the caller knows of it, else without it. */
function infoUpToCapOffset(argszBytes: number): number {
  return argszBytes >= 20 ? 20 : 16;
}

/** As much of the structure as the caller has room for. */
function infoUpToArgsz(argszBytes: number): number {
  return Math.min(argszBytes, 24);
}

/** Nobody asks the driver. From 7.0 on. */
function* neverWhole(): Op<boolean> {
  return false;
}

/** From 6.1 on. */
function* anyProcess(): Op<boolean> {
  return true;
}

/** Only a process with the memory that was mapped. Up to 6.0. */
function* sameMemory(dma: VfioDma, task: Task): Op<boolean> {
  return (yield* dma.state.load()).owner.mm === task.mm;
}

export const TYPE1_5_10: Type1Era = {
  claimedExtensions: CLAIMED_WITHOUT_UNMAP_ALL,
  nestingErrno: 'ENODEV',
  updatesVaddr: false,
  mayUnmap: sameMemory,
  capabilityBytes: capabilityUnaligned,
  infoBytes: infoUpToCapOffset,
  addressLimit: LIMIT_BY_END,
  unmapsLargePagesWhole: vfioTestDomainFgsp,
};

/** Read, not recorded. */
export const TYPE1_2022_02: Type1Era = {
  claimedExtensions: CLAIMED,
  nestingErrno: 'ENODEV',
  updatesVaddr: true,
  mayUnmap: sameMemory,
  capabilityBytes: capabilityUnaligned,
  infoBytes: infoUpToCapOffset,
  addressLimit: LIMIT_BY_END,
  unmapsLargePagesWhole: vfioTestDomainFgsp,
};

export const TYPE1_6_1: Type1Era = {
  claimedExtensions: CLAIMED,
  nestingErrno: 'EINVAL',
  updatesVaddr: true,
  mayUnmap: anyProcess,
  capabilityBytes: capabilityUnaligned,
  infoBytes: infoUpToCapOffset,
  addressLimit: LIMIT_BY_END,
  unmapsLargePagesWhole: vfioTestDomainFgsp,
};

export const TYPE1_6_12: Type1Era = {
  claimedExtensions: CLAIMED,
  nestingErrno: 'EINVAL',
  updatesVaddr: true,
  mayUnmap: anyProcess,
  capabilityBytes: capabilityAligned,
  infoBytes: infoUpToArgsz,
  addressLimit: LIMIT_BY_END,
  unmapsLargePagesWhole: vfioTestDomainFgsp,
};

export const TYPE1_7_2: Type1Era = {
  claimedExtensions: CLAIMED_WITHOUT_NESTING,
  nestingErrno: 'EINVAL',
  updatesVaddr: true,
  mayUnmap: anyProcess,
  capabilityBytes: capabilityAligned,
  infoBytes: infoUpToArgsz,
  addressLimit: LIMIT_BY_LAST,
  unmapsLargePagesWhole: neverWhole,
};
