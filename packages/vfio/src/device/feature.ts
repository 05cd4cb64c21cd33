/**
 * VFIO_DEVICE_FEATURE: `struct vfio_device_feature { u32 argsz, flags; data[] }`. Only the question whether a feature
 * is there is answered; migration, DMA logging and low power are left out.
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { copyFromUser, type IoctlArgument, readU32 } from '../ioctl/argument';
import type { VfioDevice } from './vfio-device';

export const FEATURE_BYTES = 8;
const MASK = 0xffff;
const VFIO_DEVICE_FEATURE_GET = 1 << 16;
const VFIO_DEVICE_FEATURE_SET = 1 << 17;
export const VFIO_DEVICE_FEATURE_PROBE = 1 << 18;

/** A feature that vfio-pci offers of every device, and the one thing that can be done with it beside asking. */
export interface Feature {
  readonly id: number;
  readonly operation: 'get' | 'set';
}

/** Low-power entry, entry with wakeup, exit. */
export const FEATURES_LOW_POWER: readonly Feature[] = [3, 4, 5].map((id) => ({ id, operation: 'set' }));

/** The same, and a dma-buf of a BAR. Recorded on 7.2. */
export const FEATURES_DMA_BUF: readonly Feature[] = [...FEATURES_LOW_POWER, { id: 11, operation: 'get' }];

/** EFAULT; EINVAL: argsz, flags, or an operation that the feature has not; ENOTTY: no such feature. `@kernel vfio_ioctl_device_feature` */
export const vfioDeviceFeature = kernelFunction(
  'vfio_ioctl_device_feature',
  function* vfioDeviceFeature(device: VfioDevice, argument: IoctlArgument): Op<0 | Errno> {
    const feature = copyFromUser(argument, FEATURE_BYTES);
    if (feature === 'EFAULT') return 'EFAULT';
    const flags = readU32(feature, 4);
    const known = MASK | VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PROBE;
    if (readU32(feature, 0) < FEATURE_BYTES || (flags & ~known) !== 0) return 'EINVAL';
    const probe = (flags & VFIO_DEVICE_FEATURE_PROBE) !== 0;
    const get = (flags & VFIO_DEVICE_FEATURE_GET) !== 0;
    const set = (flags & VFIO_DEVICE_FEATURE_SET) !== 0;
    if (!probe && get && set) return 'EINVAL';
    const offered = device.group.system.era.features.find(({ id }) => id === (flags & MASK));
    if (offered === undefined) return 'ENOTTY';
    const canBeDone = offered.operation === 'set' ? !get : !set;
    if (!canBeDone || (!probe && !get && !set)) return 'EINVAL';
    return probe ? 0 : 'ENOTTY';
  },
);
