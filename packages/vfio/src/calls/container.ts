/** Calls on a container's descriptor. They are dispatched by number, so the descriptor may be one of another kind. */
import { hex } from '@iommu-lab/core';
import { NULL_POINTER } from '../ioctl/argument';
import { VFIO_CHECK_EXTENSION, VFIO_GET_API_VERSION, VFIO_SET_IOMMU, vfioIoctl } from '../ioctl/numbers';
import { VFIO_IOMMU_GET_INFO, VFIO_IOMMU_MAP_DMA, VFIO_IOMMU_UNMAP_DMA } from '../type1/uapi';
import { infoCapabilities } from './info-capabilities';
import { ioctlCall, type Out, Structure, type UserCall } from './user-call';

const INFO_BYTES = 24;
const MAP_BYTES = 32;
const UNMAP_BYTES = 24;

/** Returns 0 on a container. */
export function getApiVersion(fd: number): UserCall {
  return ioctlCall('VFIO_GET_API_VERSION', fd, VFIO_GET_API_VERSION, 0);
}

/** Returns 1 or 0. */
export function checkExtension(fd: number, extension: number): UserCall {
  return ioctlCall('VFIO_CHECK_EXTENSION', fd, VFIO_CHECK_EXTENSION, extension);
}

/** Errors: see `vfioSetIommu`. */
export function setIommu(fd: number, type: number): UserCall {
  return ioctlCall('VFIO_SET_IOMMU', fd, VFIO_SET_IOMMU, type);
}

/** An ioctl of VFIO's letter that nobody knows; `number` counts from VFIO_BASE. */
export function unknownIoctl(fd: number, number: number): UserCall {
  return ioctlCall('unknown_ioctl', fd, vfioIoctl(number), 0);
}

/** `argsz`: the size that the caller claims, in bytes. Out: argsz, flags, iova_pgsizes, caps. */
export function getInfo(fd: number, argsz: number = INFO_BYTES): UserCall {
  const info = new Structure(Math.max(argsz, INFO_BYTES)).u32(0, argsz);
  return ioctlCall('VFIO_IOMMU_GET_INFO', fd, VFIO_IOMMU_GET_INFO, info.bytes, () => ({
    argsz: info.u32At(0),
    flags: info.u32At(4),
    iova_pgsizes: hex(info.u64At(8)),
    caps: infoCapabilities(info, argsz),
  }));
}

export interface MapDma {
  readonly iova: bigint;
  readonly vaddr: bigint;
  readonly size: bigint;
  readonly flags: number;
  readonly argsz?: number;
}

/** Errors: those of type1. */
export function mapDma(fd: number, map: MapDma): UserCall {
  const bytes = new Structure(MAP_BYTES)
    .u32(0, map.argsz ?? MAP_BYTES)
    .u32(4, map.flags)
    .u64(8, map.vaddr)
    .u64(16, map.iova)
    .u64(24, map.size).bytes;
  return ioctlCall('VFIO_IOMMU_MAP_DMA', fd, VFIO_IOMMU_MAP_DMA, bytes);
}

export interface UnmapDma {
  readonly iova: bigint;
  readonly size: bigint;
  readonly flags: number;
  readonly argsz?: number;
}

/** Out: size, after a failure too. */
export function unmapDma(fd: number, unmap: UnmapDma): UserCall {
  const structure = new Structure(UNMAP_BYTES)
    .u32(0, unmap.argsz ?? UNMAP_BYTES)
    .u32(4, unmap.flags)
    .u64(8, unmap.iova)
    .u64(16, unmap.size);
  const call = ioctlCall('VFIO_IOMMU_UNMAP_DMA', fd, VFIO_IOMMU_UNMAP_DMA, structure.bytes);
  return { ...call, out: (): Out => ({ size: hex(structure.u64At(16)) }) };
}

/** An ioctl with a pointer that leads nowhere. */
export function withNullPointer(name: string, fd: number, request: number): UserCall {
  return ioctlCall(name, fd, request, NULL_POINTER);
}
