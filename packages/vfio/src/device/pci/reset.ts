/** VFIO_DEVICE_RESET. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { hwResetTogether } from '../../pci/config-cycles';
import type { VfioPciDevice } from './vfio-pci-device';

/**
 * Resets the one device; its registers are restored, what it was doing is lost. EINVAL: it cannot be reset by itself.
 * `@kernel vfio_pci_ioctl_reset`
 */
export const deviceReset = kernelFunction(
  'vfio_pci_ioctl_reset',
  function* deviceReset(device: VfioPciDevice): Op<0 | Errno> {
    if (!(yield* device.resetWorks.load())) return 'EINVAL';
    yield* device.memoryLock.downWrite();
    yield* hwResetTogether([device.space]);
    yield* device.memoryLock.upWrite();
    return 0;
  },
);
