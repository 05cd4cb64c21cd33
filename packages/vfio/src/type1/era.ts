/**
 * What type1 does differently from kernel to kernel. Between 6.1 and 6.12 only the layout of GET_INFO changed, when
 * 6.6 aligned all capabilities to 8 bytes: a buffer for two iova ranges needs 116 bytes before and 120 after
 * (recorded). Everything else in this folder holds for both.
 */
import type { Errno } from '@iommu-lab/core';
import { VFIO_TYPE1_IOMMU, VFIO_TYPE1_NESTING_IOMMU, VFIO_TYPE1V2_IOMMU, VFIO_UNMAP_ALL } from './uapi';

export interface Type1Era {
  /** Extensions that the driver claims with no container at hand. */
  readonly claimedExtensions: readonly number[];
  /** Bytes that a capability of `lengthBytes` occupies in the chain of GET_INFO. */
  capabilityBytes(lengthBytes: number): number;
  /** Bytes of the fixed part of GET_INFO that are written back, by the caller's argsz (at least 16). */
  infoBytes(argszBytes: number): number;
  /** The answer to a range that wraps around the end of the address space. */
  readonly wrapErrno: Errno;
}

const CLAIMED = [VFIO_TYPE1_IOMMU, VFIO_TYPE1V2_IOMMU, VFIO_TYPE1_NESTING_IOMMU, VFIO_UNMAP_ALL];

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

export const TYPE1_6_1: Type1Era = {
  claimedExtensions: CLAIMED,
  capabilityBytes: capabilityUnaligned,
  infoBytes: infoUpToCapOffset,
  wrapErrno: 'EINVAL',
};

export const TYPE1_6_12: Type1Era = {
  claimedExtensions: CLAIMED,
  capabilityBytes: capabilityAligned,
  infoBytes: infoUpToArgsz,
  wrapErrno: 'EINVAL',
};
