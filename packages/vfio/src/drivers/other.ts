/** Drivers that a device can be bound to instead of vfio-pci; of what they do, only their use of DMA matters here. */
import type { Op } from '@iommu-lab/explorer';
import type { DeviceDriver, Errno } from '@iommu-lab/kernel';

function driver(name: string, driverManagedDma: boolean): DeviceDriver {
  return {
    name,
    driverManagedDma,
    *probe(): Op<0 | Errno> {
      return 0;
    },
    *remove(): Op<void> {},
  };
}

/** pci-stub and pcieport do no DMA of the device's; uio_pci_generic counts as a user of the kernel's DMA API. */
export function otherDrivers(): DeviceDriver[] {
  return [driver('pci-stub', true), driver('pcieport', true), driver('uio_pci_generic', false)];
}
