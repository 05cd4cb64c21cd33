/**
 * QEMU's `edu` device, as far as the recordings need it (hw/misc/edu.c of QEMU 7.2).
 *
 * BAR0: 0x00 identification, 0x04 liveness (reads back the complement), 0x08 factorial, 0x20 status, 0x24 interrupt
 * status, 0x60 raise, 0x64 acknowledge, 0x80 DMA source, 0x88 DMA destination, 0x90 byte count, 0x98 command (bit 0
 * start, bit 1 direction: 0 from memory into the device, 1 the other way, bit 2 interrupt when done). The device's
 * buffer is 4096 bytes at device address 0x40000.
 *
 * A transfer starts with the command and is run by whoever holds `transfer`. The DMA mask is all 64 bits. QEMU aborts
 * on a transfer that does not lie in the buffer, and takes one that ends exactly at its end for one; here both finish
 * at once and move nothing. The factorial is ready at once. Interrupts are only a status.
 */
import { mix, mixBigint, mixNumber } from '../memory/hash';
import type { Journalled } from '../memory/journal';
import { DIGEST_KEY, type PhysicalMemory } from '../memory/physical-memory';
import { TrackedWords } from '../memory/tracked-words';
import { MachinePart, Touch } from '../memory/watcher';
import type { PciFunction } from '../pci/function';
import { ACCESS_READ, ACCESS_WRITE, type VtdUnit } from '../vtd/unit';
import { DmaTransfer, type TransferState } from './dma-transfer';

export const EDU_BUFFER_START = 0x40000n;
export const EDU_BUFFER_BYTES = 4096;

export const EDU_REGISTER = {
  IDENTIFICATION: 0x00,
  LIVENESS: 0x04,
  FACTORIAL: 0x08,
  STATUS: 0x20,
  INTERRUPT_STATUS: 0x24,
  INTERRUPT_RAISE: 0x60,
  INTERRUPT_ACKNOWLEDGE: 0x64,
  DMA_SOURCE: 0x80,
  DMA_DESTINATION: 0x88,
  DMA_COUNT: 0x90,
  DMA_COMMAND: 0x98,
} as const;

export const EDU_COMMAND = { START: 1n, TO_MEMORY: 2n, INTERRUPT: 4n } as const;

const IDENTIFICATION = 0x010000edn;
const STATUS_INTERRUPT_ON_FACTORIAL = 0x80n;
const DMA_INTERRUPT = 0x100n;
const FACTORIAL_INTERRUPT = 0x1n;

interface Registers {
  liveness: bigint;
  factorial: bigint;
  status: bigint;
  interruptStatus: bigint;
  source: bigint;
  destination: bigint;
  count: bigint;
  command: bigint;
}

const RESET: Registers = {
  liveness: 0n,
  factorial: 0n,
  status: 0n,
  interruptStatus: 0n,
  source: 0n,
  destination: 0n,
  count: 0n,
  command: 0n,
};

interface EduState {
  readonly registers: Registers;
  readonly busMaster: boolean;
  readonly memoryEnabled: boolean;
  readonly transfer: DmaTransfer | null;
  readonly progress: TransferState | null;
}

export class EduDevice implements Journalled {
  journalStamp = 0;
  readonly #buffer: TrackedWords;
  #registers: Registers = { ...RESET };
  #transfer: DmaTransfer | null = null;
  #busMaster = false;
  #memoryEnabled = false;

  constructor(
    readonly pciFunction: PciFunction,
    readonly memory: PhysicalMemory,
    readonly unit: VtdUnit | null,
    /** The id that its DMA carries at the IOMMU; its own when no bridge replaces it. */
    readonly dmaRequesterId: number = pciFunction.requesterId,
  ) {
    const digestKey = DIGEST_KEY.DEVICES + pciFunction.segment * 0x10000 + pciFunction.requesterId;
    this.#buffer = new TrackedWords(memory.journal, EDU_BUFFER_BYTES / 4, digestKey);
  }

  /** The transfer that was started and is not complete; null otherwise. */
  get transfer(): DmaTransfer | null {
    this.#tellRead();
    return this.#transfer;
  }

  /** Bit 2 of the command register: without it a transfer moves nothing, and nobody is told. */
  get busMaster(): boolean {
    return this.#busMaster;
  }
  set busMaster(value: boolean) {
    this.#save();
    this.#busMaster = value;
  }

  /** Bit 1 of the command register: without it BAR0 reads as all ones and swallows writes. */
  get memoryEnabled(): boolean {
    this.#tellRead();
    return this.#memoryEnabled;
  }
  set memoryEnabled(value: boolean) {
    this.#save();
    this.#memoryEnabled = value;
  }

  /** Copies of the buffer's bytes, for inspection. */
  bufferBytes(): Uint8Array {
    return this.#buffer.bytes.slice();
  }

  /** Reads BAR0; below 0x80 only 4-byte accesses are decoded. What is not decoded reads as all ones. */
  readRegister(offset: number, sizeBytes: 4 | 8): bigint {
    this.#tellRead();
    const ones = (1n << BigInt(sizeBytes * 8)) - 1n;
    if (!this.#memoryEnabled || (offset < 0x80 && sizeBytes !== 4)) return ones;
    const value = this.#read(offset);
    return value === null ? ones : value & ones;
  }

  /** Writes BAR0. Starting a transfer sets `transfer`; DMA registers cannot be changed while one runs. */
  writeRegister(offset: number, sizeBytes: 4 | 8, value: bigint): void {
    if (!this.#memoryEnabled || (offset < 0x80 && sizeBytes !== 4)) return;
    this.#save();
    const wide = BigInt.asUintN(sizeBytes * 8, value);
    if (offset >= 0x80) this.#writeDma(offset, wide);
    else this.#writeControl(offset, wide);
  }

  /** A function-level or bus reset: clears the command register; edu keeps its own registers and its buffer. */
  reset(): void {
    this.#save();
    this.#busMaster = false;
    this.#memoryEnabled = false;
  }

  saveState(): unknown {
    return {
      registers: { ...this.#registers },
      busMaster: this.#busMaster,
      memoryEnabled: this.#memoryEnabled,
      transfer: this.#transfer,
      progress: this.#transfer?.save() ?? null,
    };
  }

  restoreState(state: unknown): void {
    const saved = state as EduState;
    this.#registers = { ...saved.registers };
    this.#busMaster = saved.busMaster;
    this.#memoryEnabled = saved.memoryEnabled;
    this.#transfer = saved.transfer;
    if (saved.transfer !== null && saved.progress !== null) saved.transfer.restore(saved.progress);
  }

  hashState(state: unknown): number {
    const { registers, busMaster, memoryEnabled, transfer, progress } = state as EduState;
    let hash = mix(mix(4, this.pciFunction.segment), this.pciFunction.requesterId);
    for (const value of Object.values(registers)) hash = mixBigint(hash, value);
    hash = mix(mix(hash, busMaster ? 1 : 0), memoryEnabled ? 1 : 0);
    if (transfer === null || progress === null) return hash;
    // The registers say what is transferred.
    return mixNumber(mix(hash, progress.doneBytes + 1), progress.translated ?? -1);
  }

  #read(offset: number): bigint | null {
    const registers = this.#registers;
    switch (offset) {
      case EDU_REGISTER.IDENTIFICATION:
        return IDENTIFICATION;
      case EDU_REGISTER.LIVENESS:
        return registers.liveness;
      case EDU_REGISTER.FACTORIAL:
        return registers.factorial;
      case EDU_REGISTER.STATUS:
        return registers.status;
      case EDU_REGISTER.INTERRUPT_STATUS:
        return registers.interruptStatus;
      case EDU_REGISTER.DMA_SOURCE:
        return registers.source;
      case EDU_REGISTER.DMA_DESTINATION:
        return registers.destination;
      case EDU_REGISTER.DMA_COUNT:
        return registers.count;
      case EDU_REGISTER.DMA_COMMAND:
        return registers.command;
      default:
        return null;
    }
  }

  #writeControl(offset: number, value: bigint): void {
    const registers = this.#registers;
    switch (offset) {
      case EDU_REGISTER.LIVENESS:
        registers.liveness = BigInt.asUintN(32, ~value);
        break;
      case EDU_REGISTER.FACTORIAL:
        registers.factorial = factorial(value);
        if ((registers.status & STATUS_INTERRUPT_ON_FACTORIAL) !== 0n)
          registers.interruptStatus |= FACTORIAL_INTERRUPT;
        break;
      case EDU_REGISTER.STATUS:
        registers.status = value & STATUS_INTERRUPT_ON_FACTORIAL;
        break;
      case EDU_REGISTER.INTERRUPT_RAISE:
        registers.interruptStatus |= value;
        break;
      case EDU_REGISTER.INTERRUPT_ACKNOWLEDGE:
        registers.interruptStatus &= ~value;
        break;
    }
  }

  #writeDma(offset: number, value: bigint): void {
    const registers = this.#registers;
    if ((registers.command & EDU_COMMAND.START) !== 0n) return;
    if (offset === EDU_REGISTER.DMA_SOURCE) registers.source = value;
    else if (offset === EDU_REGISTER.DMA_DESTINATION) registers.destination = value;
    else if (offset === EDU_REGISTER.DMA_COUNT) registers.count = value;
    else if (offset === EDU_REGISTER.DMA_COMMAND && (value & EDU_COMMAND.START) !== 0n) {
      registers.command = value;
      this.#start();
    }
  }

  /** Starts what the DMA registers say. */
  #start(): void {
    const { command, source, destination, count } = this.#registers;
    const toMemory = (command & EDU_COMMAND.TO_MEMORY) !== 0n;
    const start = (toMemory ? source : destination) - EDU_BUFFER_START;
    const inBuffer = start >= 0n && count > 0n && start + count < BigInt(EDU_BUFFER_BYTES);
    if (!inBuffer) {
      this.#finish();
      return;
    }
    this.#buffer.touch(0);
    const part = this.#buffer.bytes.subarray(Number(start), Number(start + count));
    if (!this.#busMaster) {
      if (!toMemory) part.fill(0);
      this.#finish();
      return;
    }
    const access = toMemory ? ACCESS_WRITE : ACCESS_READ;
    const iova = toMemory ? destination : source;
    const transfer = new DmaTransfer(this.memory, this.unit, this.dmaRequesterId, access, iova, part);
    transfer.onChange = () => {
      this.#save();
      this.#buffer.touch(0);
    };
    transfer.onEnd = () => this.#finish();
    this.#transfer = transfer;
  }

  #finish(): void {
    const registers = this.#registers;
    if ((registers.command & EDU_COMMAND.INTERRUPT) !== 0n) registers.interruptStatus |= DMA_INTERRUPT;
    registers.command &= ~EDU_COMMAND.START;
    this.#transfer = null;
  }

  #tellRead(): void {
    const { segment, requesterId } = this.pciFunction;
    this.memory.watcher?.touch(MachinePart.DEVICE, segment * 0x10000 + requesterId, 0, Touch.READ);
  }

  #save(): void {
    const { journal } = this.memory;
    if (this.journalStamp !== journal.stamp) journal.saveObject(this);
  }
}

/** n! modulo 2^32, as edu's 32-bit arithmetic gives it: 0 from 34 on. */
function factorial(n: bigint): bigint {
  let result = 1n;
  for (let k = 2n; k <= n && result !== 0n; k++) result = BigInt.asUintN(32, result * k);
  return result;
}
