/** VFIO_GROUP_GET_DEVICE_FD: the argument points to the device's name. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, isErrno } from '@iommu-lab/kernel';
import { DeviceFile } from '../device/device-file';
import { putRegistration } from '../device/registration';
import type { VfioDevice } from '../device/vfio-device';
import type { IoctlArgument } from '../ioctl/argument';
import type { Task } from '../task/task';
import type { VfioGroup } from './vfio-group';

/**
 * A descriptor. EFAULT; ENODEV: no registered device of that name; before or after it, by era, the errors of a group
 * that gives out no device; otherwise the
 * errors of opening the device, in the era's order. `@kernel vfio_group_ioctl_get_device_fd`
 */
export const vfioGroupGetDeviceFd = kernelFunction(
  'vfio_group_ioctl_get_device_fd',
  function* vfioGroupGetDeviceFd(group: VfioGroup, task: Task, argument: IoctlArgument): Op<number | Errno> {
    const name = stringFromUser(argument);
    if (name === null) return 'EFAULT';
    const refused = yield* group.system.era.group.mayGiveDevices(group);
    if (refused !== 0) return refused;
    const device = yield* vfioDeviceGetFromName(group, name);
    if (isErrno(device)) return device;
    const error = yield* group.system.era.openDevice(device);
    if (error !== 0) {
      yield* putRegistration(device);
      return error;
    }
    return yield* task.files.install(new DeviceFile(device));
  },
);

/** The registered device of that name with a registration reference on it, or ENODEV. `@kernel vfio_device_get_from_name` */
const vfioDeviceGetFromName = kernelFunction(
  'vfio_device_get_from_name',
  function* vfioDeviceGetFromName(group: VfioGroup, name: string): Op<VfioDevice | Errno> {
    yield* group.deviceLock.lock();
    let found: VfioDevice | Errno = 'ENODEV';
    for (const device of yield* group.devices.load()) {
      if (!device.matches(name)) continue;
      if (yield* device.registration.getUnlessZero()) {
        found = device;
        break;
      }
    }
    yield* group.deviceLock.unlock();
    return found;
  },
);

/** A zero-terminated string, or null where nothing is readable. `@kernel strndup_user` */
function stringFromUser(argument: IoctlArgument): string | null {
  if (!(argument instanceof Uint8Array)) return null;
  const end = argument.indexOf(0);
  return end < 0 ? null : String.fromCharCode(...argument.subarray(0, end));
}
