/** The file that GET_DEVICE_FD hands out: one open of a device. `@kernel vfio_device_fops` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { type MapRequest, OpenFile } from '../files/open-file';
import type { IoctlArgument } from '../ioctl/argument';
import { VFIO_DEVICE_FEATURE } from '../ioctl/numbers';
import type { Task } from '../task/task';
import { vfioDeviceFeature } from './feature';
import { putRegistration } from './registration';
import type { VfioDevice } from './vfio-device';

export class DeviceFile extends OpenFile {
  /** The file takes over a registration reference and one open of the device. */
  constructor(readonly device: VfioDevice) {
    super(device.system.kernel, 'file.vfio-device');
  }

  override *ioctl(task: Task, request: number, argument: IoctlArgument): Op<number | Errno> {
    if (request === VFIO_DEVICE_FEATURE) return yield* vfioDeviceFeature(this.device, argument);
    return yield* this.device.ioctl(task, request, argument);
  }

  override *read(task: Task, target: Uint8Array, position: bigint): Op<number | Errno> {
    return yield* this.device.read(task, target, position);
  }

  override *write(task: Task, source: Uint8Array, position: bigint): Op<number | Errno> {
    return yield* this.device.write(task, source, position);
  }

  override *map(task: Task, request: MapRequest): Op<0 | Errno> {
    return yield* this.device.map(this, task, request);
  }

  override *release(): Op<void> {
    yield* releaseDevice(this.device);
  }
}

const releaseDevice = kernelFunction(
  'vfio_device_fops_release',
  function* releaseDevice(device: VfioDevice): Op<void> {
    yield* device.system.era.closeDevice(device);
    yield* putRegistration(device);
  },
);
