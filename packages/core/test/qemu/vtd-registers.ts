/**
 * How QEMU's `intel-iommu` is programmed and asked over qtest: registers, queue, fault record, and its own trace.
 */
import { hex, memoryWrites } from './qtest';

const UNIT_BASE = 0xfed90000n;
const REGISTER = {
  GCMD: 0x18n,
  RTADDR: 0x20n,
  FSTS: 0x34n,
  FECTL: 0x38n,
  IQT: 0x88n,
  IQA: 0x90n,
  FRCD: 0x220n,
};
const TRANSLATION_ENABLE = 1n << 31n;
const SET_ROOT_TABLE = 1n << 30n;
const QUEUE_ENABLE = 1n << 26n;
const QUEUE_ERROR = 0x10n;
const QUEUE_ENTRIES = 256;

export const TRACE_EVENTS = [
  'vtd_dmar_translate',
  'vtd_dmar_fault',
  'vtd_reg_read',
  'vtd_translate_pt',
  'vtd_iotlb_page_hit',
  'vtd_fault_disabled',
];

/** The read of the fault record that follows each access shows up in the trace as this line. */
export const TRACE_MARKER = `vtd_reg_read addr ${hex(REGISTER.FRCD + 8n)} size 0x8`;

/** What the trace says about one access. */
export interface TraceView {
  physical?: bigint;
  faultCode?: number;
  /** A fault that FPD kept from being recorded. */
  suppressed?: boolean;
}

export interface FaultRecord {
  code: number;
  iova: bigint;
  requesterId: number;
  access: 'read' | 'write';
}

const write = (width: 'writel' | 'writeq', register: bigint, value: bigint): string =>
  `${width} ${hex(UNIT_BASE + register)} ${hex(value)}`;

export class QemuVtdRegisters {
  #queueIsOn = false;
  #tail = 0;

  /** `scratch`: 64 KiB of memory; the queue lies at +0x2000, a status word at +0x3000. */
  constructor(readonly scratch: bigint) {}

  get #queue(): bigint {
    return this.scratch + 0x2000n;
  }

  /** Sets the root table with translation off and all caches emptied. */
  setUp(rootTable: bigint): string[] {
    const commands: string[] = [];
    if (!this.#queueIsOn) {
      this.#queueIsOn = true;
      commands.push(write('writel', REGISTER.FECTL, 1n << 31n));
      commands.push(write('writeq', REGISTER.IQA, this.#queue), write('writeq', REGISTER.IQT, 0n));
      commands.push(write('writel', REGISTER.GCMD, QUEUE_ENABLE));
    }
    commands.push(write('writeq', REGISTER.RTADDR, rootTable));
    commands.push(write('writel', REGISTER.GCMD, QUEUE_ENABLE | SET_ROOT_TABLE));
    return [...commands, ...this.invalidateAll(), ...this.#clearFault()];
  }
  enable(): string[] {
    return [write('writel', REGISTER.GCMD, QUEUE_ENABLE | TRANSLATION_ENABLE)];
  }
  disable(): string[] {
    return [write('writel', REGISTER.GCMD, this.#queueIsOn ? QUEUE_ENABLE : 0n)];
  }

  /** Puts one 128-bit descriptor into the queue and rings. */
  descriptor(low: bigint, high: bigint): string[] {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(low, 0);
    bytes.writeBigUInt64LE(high, 8);
    const at = this.#queue + BigInt(this.#tail * 16);
    this.#tail = (this.#tail + 1) % QUEUE_ENTRIES;
    return [...memoryWrites(at, bytes), this.#ring()];
  }
  invalidateAll(): string[] {
    return [...this.descriptor(0x11n, 0n), ...this.descriptor(0x12n, 0n)];
  }
  readStatus(): string {
    return `readl ${hex(UNIT_BASE + REGISTER.FSTS)}`;
  }
  queueFailed(status: string): boolean {
    return (BigInt(status) & QUEUE_ERROR) !== 0n;
  }
  /** Replaces the refused descriptor by a wait with status write, clears the error and rings again. */
  recover(): string[] {
    const at = this.#queue + BigInt(((this.#tail + QUEUE_ENTRIES - 1) % QUEUE_ENTRIES) * 16);
    const wait = Buffer.alloc(16);
    wait.writeBigUInt64LE(0x25n, 0);
    wait.writeBigUInt64LE(this.scratch + 0x3000n, 8);
    return [...memoryWrites(at, wait), write('writel', REGISTER.FSTS, QUEUE_ERROR), this.#ring()];
  }
  #ring(): string {
    return write('writeq', REGISTER.IQT, BigInt(this.#tail * 16));
  }

  /** Reads the fault record and clears it. */
  afterAccess(): string[] {
    const read = (offset: bigint): string => `readq ${hex(UNIT_BASE + REGISTER.FRCD + offset)}`;
    return [read(0n), read(8n), ...this.#clearFault()];
  }
  #clearFault(): string[] {
    return [write('writel', REGISTER.FRCD + 12n, 1n << 31n), write('writel', REGISTER.FSTS, 1n)];
  }
  record(answers: string[]): FaultRecord | null {
    const [low, high] = [BigInt(answers[0] ?? 0), BigInt(answers[1] ?? 0)];
    if (high >> 63n === 0n) return null;
    return {
      code: Number((high >> 32n) & 0xffn),
      iova: low & ~0xfffn,
      requesterId: Number(high & 0xffffn),
      access: ((high >> 62n) & 1n) === 1n ? 'read' : 'write',
    };
  }

  /** What the trace lines of one access to `iova` say. A refused 8-byte access is tried again in 4-byte pieces. */
  view(lines: string[], iova: bigint): TraceView {
    for (const line of lines) {
      const fault = /^vtd_dmar_fault sid 0x[0-9a-f]+ fault (\d+) addr/.exec(line);
      if (fault !== null) return { faultCode: Number(fault[1]) };
      if (line.startsWith('vtd_fault_disabled')) return { suppressed: true };
    }
    for (const line of lines.reverse()) {
      // The first access of a pass-through context only: then QEMU takes the unit out of the path.
      if (line.startsWith('vtd_translate_pt')) return { physical: iova };
      const found =
        /^vtd_dmar_translate dev \S+ iova (0x[0-9a-f]+) -> gpa (0x[0-9a-f]+) mask (0x[0-9a-f]+)/.exec(line);
      if (found === null) continue;
      const [from, to, mask] = found.slice(1).map(BigInt) as [bigint, bigint, bigint];
      if (from === (iova & ~mask)) return { physical: to | (iova & mask) };
    }
    return {};
  }
}
