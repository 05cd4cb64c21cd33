/**
 * The configuration space of one PCI function as hardware keeps it: what a read returns and which bits a write
 * changes. It outlives the kernel's device: a function that was removed and scanned again still has its registers.
 *
 * Leaves out: status bits, capabilities other than MSI, and everything of bridges but their identity.
 */
import type { PciFunction } from '@iommu-lab/core';
import { AccessKind, type Target, type Undoable, type World } from '@iommu-lab/explorer';
import type { Kernel } from '@iommu-lab/kernel';
import {
  MSI_FLAGS,
  MSI_FLAGS_64BIT,
  PCI_BASE_ADDRESS_0,
  PCI_CACHE_LINE_SIZE,
  PCI_CAPABILITY_LIST,
  PCI_CAPABILITY_MSI,
  PCI_CLASS,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_COMMAND_IO,
  PCI_COMMAND_MASTER,
  PCI_COMMAND_MEMORY,
  PCI_COMMAND_SERR,
  PCI_CONFIG_BYTES,
  PCI_DEVICE_ID,
  PCI_HEADER_TYPE,
  PCI_INTERRUPT_LINE,
  PCI_INTERRUPT_PIN,
  PCI_VENDOR_ID,
} from './registers';

const WRITABLE_COMMAND =
  PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE;
const MULTIFUNCTION = 0x80;

export class PciConfigSpace implements Target, Undoable {
  readonly label: string;
  readonly targetClass = 'pci.config';
  readonly lengthBytes = PCI_CONFIG_BYTES;
  readonly #writable = new Uint8Array(PCI_CONFIG_BYTES);
  #bytes: Uint8Array;

  constructor(
    readonly kernel: Kernel,
    readonly function_: PciFunction,
  ) {
    this.label = `config:${function_.address}`;
    this.#bytes = initialBytes(function_);
    const view = new DataView(this.#writable.buffer);
    view.setUint16(PCI_COMMAND, WRITABLE_COMMAND, true);
    view.setUint8(PCI_CACHE_LINE_SIZE, 0xff);
    view.setUint8(PCI_INTERRUPT_LINE, 0xff);
    const bar0 = function_.description.bar0;
    if (bar0 !== undefined) view.setUint32(PCI_BASE_ADDRESS_0, ~(bar0.lengthBytes - 1) >>> 0, true);
    const msi = this.msiCapability;
    if (msi !== null) this.#writable.fill(0xff, msi + MSI_FLAGS + 2, msi + msiLength(this.#bytes, msi));
    if (msi !== null) view.setUint8(msi + MSI_FLAGS, 1);
    this.#tellDevice();
  }

  get world(): World {
    return this.kernel.world;
  }

  /** All bytes, for inspection and for saving. */
  get bytes(): Uint8Array {
    this.world.recorder?.touch(this, false, undefined);
    return this.#bytes.slice();
  }

  /** The same as part of the running step. */
  bytesInStep(): Uint8Array {
    if (this.world.mode === 'search') this.world.accessInStep(this.location, AccessKind.READ);
    return this.bytes;
  }

  /** Stands for the registers as a whole. What a driver reads of them without a cycle is the same for ever. */
  get location(): number {
    return this.kernel.locations.configSpace(this.function_.address);
  }

  get command(): number {
    return this.read(PCI_COMMAND, 2);
  }

  /** Offset of the MSI capability, or null. */
  get msiCapability(): number | null {
    return findMsi(this.#bytes);
  }

  /** Whether the function has an INTx pin. */
  get hasInterruptPin(): boolean {
    return this.#bytes[PCI_INTERRUPT_PIN] !== 0;
  }

  /** Bytes of the MSI capability: 14 with 64-bit addresses, else 10. 0 without one. */
  get msiBytes(): number {
    const at = this.msiCapability;
    return at === null ? 0 : msiLength(this.#bytes, at);
  }

  /** A little-endian register. Precondition: it lies within `lengthBytes`. */
  read(offset: number, sizeBytes: 1 | 2 | 4): number {
    this.world.recorder?.touch(this, false, undefined);
    const view = new DataView(this.#bytes.buffer);
    if (sizeBytes === 1) return view.getUint8(offset);
    return sizeBytes === 2 ? view.getUint16(offset, true) : view.getUint32(offset, true);
  }

  /** Writes a little-endian register; bits that hardware does not implement stay. */
  write(offset: number, sizeBytes: 1 | 2 | 4, value: number): void {
    this.#change((bytes) => {
      for (let n = 0; n < sizeBytes; n++) {
        const mask = this.#writable[offset + n] as number;
        const byte = (value >>> (n * 8)) & 0xff;
        bytes[offset + n] = ((bytes[offset + n] as number) & ~mask) | (byte & mask);
      }
    });
  }

  /** Restores what `bytes` once answered. `@kernel pci_restore_state` */
  load(saved: Uint8Array): void {
    this.#change((bytes) => bytes.set(saved));
  }

  /** What a bus reset does to the function: nothing is enabled, the BAR is forgotten. */
  reset(): void {
    this.#change((bytes) => {
      const view = new DataView(bytes.buffer);
      view.setUint16(PCI_COMMAND, 0, true);
      view.setUint32(PCI_BASE_ADDRESS_0, 0, true);
      view.setUint8(PCI_INTERRUPT_LINE, 0);
    });
    this.kernel.machine.edu(this.function_.address)?.reset();
  }

  canonical(): unknown {
    return this.#bytes;
  }

  rollback(before: unknown): void {
    this.#bytes = before as Uint8Array;
  }

  #change(change: (bytes: Uint8Array) => void): void {
    this.kernel.world.log(this, this.#bytes);
    const bytes = this.#bytes.slice();
    change(bytes);
    this.#bytes = bytes;
    this.#tellDevice();
  }

  /** The device model acts by the command register. */
  #tellDevice(): void {
    const edu = this.kernel.machine.edu(this.function_.address);
    if (edu === null) return;
    const memory = (this.command & PCI_COMMAND_MEMORY) !== 0;
    const master = (this.command & PCI_COMMAND_MASTER) !== 0;
    if (edu.memoryEnabled !== memory) edu.memoryEnabled = memory;
    if (edu.busMaster !== master) edu.busMaster = master;
  }
}

function initialBytes({ description }: PciFunction): Uint8Array {
  const bytes = new Uint8Array(PCI_CONFIG_BYTES);
  const view = new DataView(bytes.buffer);
  if (description.config !== undefined) {
    const digits = description.config.slice(0, PCI_CONFIG_BYTES * 2);
    for (let n = 0; n < digits.length / 2; n++)
      bytes[n] = Number.parseInt(digits.slice(n * 2, n * 2 + 2), 16);
    return bytes;
  }
  view.setUint16(PCI_VENDOR_ID, description.vendorId ?? 0xffff, true);
  view.setUint16(PCI_DEVICE_ID, description.deviceId ?? 0xffff, true);
  view.setUint16(PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY, true);
  view.setUint32(PCI_CLASS, ((description.classCode ?? 0) << 8) >>> 0, true);
  const bridge = description.secondaryBus === undefined ? 0 : 1;
  view.setUint8(PCI_HEADER_TYPE, bridge | (description.multifunction === true ? MULTIFUNCTION : 0));
  if (description.bar0 !== undefined) {
    view.setUint32(PCI_BASE_ADDRESS_0, Number(BigInt(description.bar0.physical) & 0xffffffffn), true);
  }
  return bytes;
}

function findMsi(bytes: Uint8Array): number | null {
  const seen = new Set<number>();
  for (
    let at = bytes[PCI_CAPABILITY_LIST] as number;
    at >= 0x40 && !seen.has(at);
    at = bytes[at + 1] as number
  ) {
    seen.add(at);
    if (bytes[at] === PCI_CAPABILITY_MSI) return at;
  }
  return null;
}

function msiLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at + MSI_FLAGS] as number) & MSI_FLAGS_64BIT) !== 0 ? 14 : 10;
}
