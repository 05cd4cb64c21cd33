/** Ioctls on a device's descriptor. */
import { formatPciAddress, hex } from '@iommu-lab/core';
import { FEATURE_BYTES, VFIO_DEVICE_FEATURE_PROBE } from '../device/feature';
import { HOT_RESET_DEVICE_BYTES, HOT_RESET_HEADER_BYTES } from '../device/pci/hot-reset';
import { DEVICE_INFO_BYTES, IRQ_INFO_BYTES, REGION_INFO_BYTES } from '../device/pci/info';
import { IRQ_DATA, IRQ_SET_BYTES } from '../device/pci/set-irqs';
import {
  VFIO_DEVICE_FEATURE,
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_PCI_HOT_RESET,
  VFIO_DEVICE_RESET,
  VFIO_DEVICE_SET_IRQS,
} from '../ioctl/numbers';
import { ioctlCall, Structure, type UserCall } from './user-call';

/** Functions that a hot reset's list has room for. */
const HOT_RESET_ROOM = 256;

/** Out: flags, num_regions, num_irqs. */
export function getDeviceInfo(fd: number): UserCall {
  const info = new Structure(DEVICE_INFO_BYTES).u32(0, DEVICE_INFO_BYTES);
  return ioctlCall('VFIO_DEVICE_GET_INFO', fd, VFIO_DEVICE_GET_INFO, info.bytes, () => ({
    flags: info.u32At(4),
    num_regions: info.u32At(8),
    num_irqs: info.u32At(12),
  }));
}

/** Out: flags, size, offset. */
export function getRegionInfo(fd: number, index: number): UserCall {
  const info = new Structure(REGION_INFO_BYTES).u32(0, REGION_INFO_BYTES).u32(8, index);
  return ioctlCall('VFIO_DEVICE_GET_REGION_INFO', fd, VFIO_DEVICE_GET_REGION_INFO, info.bytes, () => ({
    flags: info.u32At(4),
    size: hex(info.u64At(16)),
    offset: hex(info.u64At(24)),
  }));
}

/** Out: flags, count. */
export function getIrqInfo(fd: number, index: number): UserCall {
  const info = new Structure(IRQ_INFO_BYTES).u32(0, IRQ_INFO_BYTES).u32(8, index);
  return ioctlCall('VFIO_DEVICE_GET_IRQ_INFO', fd, VFIO_DEVICE_GET_IRQ_INFO, info.bytes, () => ({
    flags: info.u32At(4),
    count: info.u32At(12),
  }));
}

export interface SetIrqs {
  readonly flags: number;
  readonly index: number;
  readonly start: number;
  readonly count: number;
  /** Descriptors of eventfds (-1: none), or bytes, as the flags say. */
  readonly data: readonly number[];
}

/** Errors: see `setIrqs` of the device. */
export function setIrqs(fd: number, irqs: SetIrqs): UserCall {
  const itemBytes = (irqs.flags & IRQ_DATA.BOOL) !== 0 ? 1 : 4;
  const size = IRQ_SET_BYTES + irqs.data.length * itemBytes;
  const structure = new Structure(size)
    .u32(0, size)
    .u32(4, irqs.flags)
    .u32(8, irqs.index)
    .u32(12, irqs.start)
    .u32(16, irqs.count);
  for (const [n, value] of irqs.data.entries()) {
    if (itemBytes === 4) structure.s32(IRQ_SET_BYTES + n * 4, value);
    else structure.bytes[IRQ_SET_BYTES + n] = value;
  }
  return ioctlCall('VFIO_DEVICE_SET_IRQS', fd, VFIO_DEVICE_SET_IRQS, structure.bytes);
}

/** EINVAL: the device cannot be reset by itself. */
export function resetDevice(fd: number): UserCall {
  return ioctlCall('VFIO_DEVICE_RESET', fd, VFIO_DEVICE_RESET, 0);
}

/** Out: flags, devices as { group: the group's number, bdf }. */
export function getHotResetInfo(fd: number): UserCall {
  const size = HOT_RESET_HEADER_BYTES + HOT_RESET_ROOM * HOT_RESET_DEVICE_BYTES;
  const info = new Structure(size).u32(0, size);
  const device = (n: number) => {
    const at = HOT_RESET_HEADER_BYTES + n * HOT_RESET_DEVICE_BYTES;
    const devfn = info.bytes[at + 7] as number;
    const address = { segment: info.u16At(at + 4), bus: info.bytes[at + 6] as number, devfn };
    return { group: info.u32At(at), bdf: formatPciAddress(address) };
  };
  return ioctlCall(
    'VFIO_DEVICE_GET_PCI_HOT_RESET_INFO',
    fd,
    VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
    info.bytes,
    () => ({ flags: info.u32At(4), devices: Array.from({ length: info.u32At(8) }, (_, n) => device(n)) }),
  );
}

/** `groups`: descriptors. */
export function hotResetDevice(fd: number, groups: readonly number[]): UserCall {
  const size = HOT_RESET_HEADER_BYTES + groups.length * 4;
  const structure = new Structure(size).u32(0, size).u32(8, groups.length);
  for (const [n, group] of groups.entries()) structure.s32(HOT_RESET_HEADER_BYTES + n * 4, group);
  return ioctlCall('VFIO_DEVICE_PCI_HOT_RESET', fd, VFIO_DEVICE_PCI_HOT_RESET, structure.bytes);
}

/** Asks only whether the device has the feature. */
export function probeFeature(fd: number, feature: number): UserCall {
  const bytes = new Structure(FEATURE_BYTES)
    .u32(0, FEATURE_BYTES)
    .u32(4, VFIO_DEVICE_FEATURE_PROBE | feature).bytes;
  return ioctlCall('VFIO_DEVICE_FEATURE', fd, VFIO_DEVICE_FEATURE, bytes);
}
