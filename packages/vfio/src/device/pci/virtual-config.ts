/**
 * What a user sees of configuration space: some registers are the hardware's, some exist only for the user, writes
 * reach what is harmless. `@kernel drivers/vfio/pci/vfio_pci_config.c`
 *
 * Leaves out: capabilities other than MSI, which pass through unchecked, expansion ROMs, and extended space.
 */
import type { PciConfigSpace } from '../../pci/config-space';
import {
  MSI_FLAGS,
  PCI_BASE_ADDRESS_0,
  PCI_BASE_ADDRESS_END,
  PCI_CACHE_LINE_SIZE,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_IO,
  PCI_COMMAND_MEMORY,
  PCI_HEADER_BYTES,
  PCI_INTERRUPT_LINE,
  PCI_INTERRUPT_PIN,
  PCI_LATENCY_TIMER,
} from '../../pci/registers';

/** Bits of one byte: which exist only for the user, and which can be written. */
interface ByteRule {
  readonly virtual: number;
  readonly writable: number;
}

const READ_ONLY: ByteRule = { virtual: 0, writable: 0 };
const HARDWARE: ByteRule = { virtual: 0, writable: 0xff };
const VIRTUAL: ByteRule = { virtual: 0xff, writable: 0xff };
const VIRTUAL_READ_ONLY: ByteRule = { virtual: 0xff, writable: 0 };

/** The rule of the byte at `offset`. */
export function ruleOf(space: PciConfigSpace, offset: number): ByteRule {
  if (offset < PCI_HEADER_BYTES) return headerRule(offset);
  const msi = space.msiCapability;
  if (msi === null || offset < msi || offset >= msi + space.msiBytes) return HARDWARE;
  return offset < msi + MSI_FLAGS ? VIRTUAL_READ_ONLY : VIRTUAL;
}

function headerRule(offset: number): ByteRule {
  if (offset >= PCI_BASE_ADDRESS_0 && offset < PCI_BASE_ADDRESS_END) return VIRTUAL;
  switch (offset) {
    case PCI_COMMAND:
      return HARDWARE;
    case PCI_COMMAND + 1:
      return { virtual: PCI_COMMAND_INTX_DISABLE >> 8, writable: 0xff };
    case PCI_CACHE_LINE_SIZE:
    case PCI_LATENCY_TIMER:
      return HARDWARE;
    case PCI_INTERRUPT_LINE:
      return VIRTUAL;
    case PCI_INTERRUPT_PIN:
      return VIRTUAL_READ_ONLY;
    default:
      return READ_ONLY;
  }
}

/** A BAR reads back with its size's bits and its type, whatever was written. `@kernel vfio_bar_fixup` */
export function fixupBars(config: Uint8Array, space: PciConfigSpace): void {
  const view = new DataView(config.buffer, config.byteOffset);
  const size = space.function_.description.bar0?.lengthBytes ?? 0;
  for (let at = PCI_BASE_ADDRESS_0; at < PCI_BASE_ADDRESS_END; at += 4) {
    const mask = at === PCI_BASE_ADDRESS_0 && size > 0 ? ~(size - 1) : 0;
    view.setUint32(at, (view.getUint32(at, true) & mask) >>> 0, true);
  }
}

/** Takes the user's memory and I/O enable bits into the user's view. */
export function takeEnableBits(config: Uint8Array, command: number): void {
  const mask = PCI_COMMAND_MEMORY | PCI_COMMAND_IO;
  config[PCI_COMMAND] = ((config[PCI_COMMAND] as number) & ~mask) | (command & mask);
}

/** Whether the user has memory space on: without it nothing of a BAR can be reached. `@kernel __vfio_pci_memory_enabled` */
export function memoryEnabled(config: Uint8Array): boolean {
  return ((config[PCI_COMMAND] as number) & PCI_COMMAND_MEMORY) !== 0;
}
