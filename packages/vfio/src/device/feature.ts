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

/** Low-power entry, entry with wakeup, exit: what vfio-pci offers to every device. All can only be set. */
const LOW_POWER = [3, 4, 5];

/** EFAULT; EINVAL: argsz, flags, or an operation that the feature has not; ENOTTY: no such feature. `@kernel vfio_ioctl_device_feature` */
export const vfioDeviceFeature = kernelFunction(
  'vfio_ioctl_device_feature',
  function* vfioDeviceFeature(_device: VfioDevice, argument: IoctlArgument): Op<0 | Errno> {
    const feature = copyFromUser(argument, FEATURE_BYTES);
    if (feature === 'EFAULT') return 'EFAULT';
    const flags = readU32(feature, 4);
    const known = MASK | VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PROBE;
    if (readU32(feature, 0) < FEATURE_BYTES || (flags & ~known) !== 0) return 'EINVAL';
    const probe = (flags & VFIO_DEVICE_FEATURE_PROBE) !== 0;
    const get = (flags & VFIO_DEVICE_FEATURE_GET) !== 0;
    const set = (flags & VFIO_DEVICE_FEATURE_SET) !== 0;
    if (!probe && get && set) return 'EINVAL';
    if (!LOW_POWER.includes(flags & MASK)) return 'ENOTTY';
    if (get || (!probe && !set)) return 'EINVAL';
    return probe ? 0 : 'ENOTTY';
  },
);
