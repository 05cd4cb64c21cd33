/** Loads and stores to a function's BAR0, and the DMA that a store starts. */
import {
  AccessKind,
  type Op,
  type OperationKind,
  type PendingOperation,
  type Step,
  type Target,
} from '@iommu-lab/explorer';
import { hw, type Kernel } from '@iommu-lab/kernel';

class Registers implements Target {
  readonly label: string;
  readonly targetClass = 'pci.bar0';

  constructor(
    readonly kernel: Kernel,
    readonly address: string,
  ) {
    this.label = `bar0:${address}`;
  }
}

const READ: OperationKind = { name: 'hw.mmio_read', enabled: null, execute: (p) => readNow(p) };
const WRITE: OperationKind = { name: 'hw.mmio_write', enabled: null, execute: (p) => writeNow(p) };

function readNow(pending: PendingOperation): bigint {
  const { kernel, address } = pending.target as Registers;
  const size = pending.number1;
  const edu = kernel.machine.edu(address);
  if (edu === null || size < 4) return (1n << BigInt(size * 8)) - 1n;
  return edu.readRegister(pending.number0, size as 4 | 8);
}

function writeNow(pending: PendingOperation): void {
  const { kernel, address } = pending.target as Registers;
  const size = pending.number1;
  if (size >= 4)
    kernel.machine.edu(address)?.writeRegister(pending.number0, size as 4 | 8, pending.argument as bigint);
}

function begin(kind: OperationKind, kernel: Kernel, address: string, access: AccessKind): PendingOperation {
  const registers = new Registers(kernel, address);
  const pending = kernel.world.begin(kind, registers);
  if (kernel.world.mode === 'search') pending.accesses.add(kernel.locations.device(address), access);
  return pending;
}

/** A load of 1, 2, 4 or 8 bytes; all ones where nothing answers. */
export function hwMmioRead(kernel: Kernel, address: string, offset: number, sizeBytes: number): Step<bigint> {
  const pending = begin(READ, kernel, address, AccessKind.READ);
  pending.number0 = offset;
  pending.number1 = sizeBytes;
  return kernel.world.submit();
}

function hwMmioWrite(
  kernel: Kernel,
  address: string,
  offset: number,
  sizeBytes: number,
  value: bigint,
): Step<void> {
  const pending = begin(WRITE, kernel, address, AccessKind.WRITE);
  pending.number0 = offset;
  pending.number1 = sizeBytes;
  pending.argument = value;
  return kernel.world.submit();
}

/** A store of 1, 2, 4 or 8 bytes. Where it starts a transfer, the transfer runs page by page before this returns. */
export function* mmioWrite(
  kernel: Kernel,
  address: string,
  offset: number,
  sizeBytes: number,
  value: bigint,
): Op<void> {
  yield* hwMmioWrite(kernel, address, offset, sizeBytes, value);
  const edu = kernel.machine.edu(address);
  if (edu !== null) yield* hw.hwRunTransfer(kernel, edu);
}
