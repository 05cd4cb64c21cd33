/** What sysfs shows of a device and its IOMMU group. */
import type { Op } from '@iommu-lab/explorer';
import {
  type Errno,
  type IommuGroup,
  iommuGetGroupReservedRegions,
  type ReservedRegion,
} from '@iommu-lab/kernel';
import type { VfioKernel } from '../vfio-kernel';
import { withDevice } from './drivers';

export interface DeviceDescription {
  /** Its address on the bus. */
  readonly address: string;
  /** `none` without one. */
  readonly driver: string;
  /** Null without a group. */
  readonly group: GroupDescription | null;
}

export interface GroupDescription {
  readonly number: number;
  /** Addresses of all members, sorted. */
  readonly members: readonly string[];
  /** Type of the default domain, as the file `type` shows it. */
  readonly type: 'DMA' | 'identity';
  readonly reserved: readonly ReservedRegion[];
}

/** ENOENT: no such device. */
export function* sysfsDescribe(system: VfioKernel, name: string): Op<DeviceDescription | Errno> {
  return yield* withDevice(system, name, function* describe(device): Op<DeviceDescription> {
    const driver = yield* device.driver.loadRacy();
    const group = yield* device.group.load();
    return {
      address: device.name,
      driver: driver?.name ?? 'none',
      group: group === null ? null : yield* describeGroup(group),
    };
  });
}

function* describeGroup(group: IommuGroup): Op<GroupDescription> {
  const reserved = yield* iommuGetGroupReservedRegions(group);
  yield* group.mutex.lock();
  const members = (yield* group.devices.load()).map((member) => member.name).sort();
  const defaultDomain = yield* group.defaultDomain.load();
  yield* group.mutex.unlock();
  return {
    number: group.id,
    members,
    type: defaultDomain?.type === 'IDENTITY' ? 'identity' : 'DMA',
    reserved,
  };
}
