/** First open and last close of a vfio-pci device. `@kernel vfio_pci_core_enable`, `vfio_pci_core_disable` */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { hwConfigRead, hwConfigRestore, hwConfigWrite, hwResetTogether } from '../../pci/config-cycles';
import {
  PCI_BASE_ADDRESS_0,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_MASTER,
} from '../../pci/registers';
import { trySetReset } from './hot-reset';
import type { VfioPciDevice } from './vfio-pci-device';

/**
 * Stops DMA, resets the device where that is possible, remembers its registers and makes the user's view of them.
 * Precondition: the device set's lock is held. Leaves out: power states and the device lock that the reset only tries.
 */
export const pciEnable = kernelFunction(
  'vfio_pci_core_enable',
  function* pciEnable(device: VfioPciDevice): Op<void> {
    const { space, system } = device;
    yield* clearMaster(device);
    const canReset = system.hardware.functionCanReset(device.function_);
    if (canReset) yield* hwResetTogether([space]);
    yield* device.resetWorks.store(canReset);
    const saved = space.bytesInStep();
    yield* device.savedState.store(saved);
    yield* device.config.store(saved);
  },
);

/**
 * Stops DMA, takes interrupts away, puts the registers back and resets the device, or its whole set once nobody has
 * any of it open. Precondition: the device set's lock is held.
 */
export const pciDisable = kernelFunction(
  'vfio_pci_core_disable',
  function* pciDisable(device: VfioPciDevice): Op<void> {
    const { space } = device;
    yield* clearMaster(device);
    yield* device.interrupts.disable();
    const saved = yield* device.savedState.load();
    yield* hwConfigWrite(space, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
    const works = yield* device.resetWorks.load();
    if (works) yield* hwResetTogether([space]);
    yield* device.needsReset.store(!works);
    if (saved !== null) yield* hwConfigRestore(space, saved);
    yield* trySetReset(device);
  },
);

/** `@kernel pci_clear_master` */
function* clearMaster({ space }: VfioPciDevice): Op<void> {
  const command = yield* hwConfigRead(space, PCI_COMMAND, 2);
  if ((command & PCI_COMMAND_MASTER) !== 0) {
    yield* hwConfigWrite(space, PCI_COMMAND, 2, command & ~PCI_COMMAND_MASTER);
  }
}

/** Writes the BARs that the kernel assigned: some reset has cleared them. `@kernel vfio_bar_restore` */
export function* restoreBars(device: VfioPciDevice): Op<void> {
  const saved = yield* device.savedState.load();
  if (saved === null) return;
  const bar0 = new DataView(saved.buffer, saved.byteOffset).getUint32(PCI_BASE_ADDRESS_0, true);
  yield* hwConfigWrite(device.space, PCI_BASE_ADDRESS_0, 4, bar0);
}
