/** What the driver core asks of a device driver. `@kernel struct device_driver` */
import type { Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { Errno } from '../errno';

export interface DeviceDriver {
  readonly name: string;
  /** The driver takes care of DMA isolation itself and must not count as a user of the kernel's DMA API. */
  readonly driverManagedDma: boolean;
  /** Called with the device's mutex held. */
  probe(device: Device): Op<0 | Errno>;
  /** Called with the device's mutex held; may wait. */
  remove(device: Device): Op<void>;
}
