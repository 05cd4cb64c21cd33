/**
 * The same memory and the same steps, in QEMU and in core's unit.
 */
import {
  ACCESS_READ,
  ACCESS_WRITE,
  INTERRUPT_WINDOW,
  PhysicalMemory,
  pageOf,
  requesterIdOf,
  VtdUnit,
  vtd,
} from '../../src/index';
import type { MemoryImage, QemuAnswer, QemuStep } from './index';

/** CAP as QEMU 7.2 shows it without caching mode, by aw-bits; ECAP with and without snoop control. */
const CAPABILITY = { 39: 0xd2008c22260206n, 48: 0xd2008c222f0606n } as const;
export const EXTENDED_CAPABILITY = 0xf00f4an;

/** What both sides can say about an access: where it went, which fault was recorded, or that it was refused silently. */
export type Verdict = string;

export function newMemory(): PhysicalMemory {
  return new PhysicalMemory({
    ram: [{ start: '0x1000000', lengthBytes: '0x1000000' }],
    tableArenaBytes: 0x400000,
  });
}

export function requesterIdAt(device: string): number {
  const [bus = 0, slot = 0, fn = 0] = device.split(/[:.]/).map((part) => Number.parseInt(part, 16));
  return requesterIdOf(bus, (slot << 3) | fn);
}

/** All table pages that are taken, as they are in memory. */
export function imageOf(memory: PhysicalMemory): MemoryImage {
  const image = new Map<number, Uint8Array>();
  for (let page = memory.arenaFirstPage; page < memory.arenaFirstPage + memory.arenaPages; page++) {
    if (!memory.tableIsAllocated(page)) continue;
    const bytes = new Uint8Array(4096);
    memory.readBytes(page, 0, bytes);
    image.set(page, bytes);
  }
  return image;
}

/** A unit in QEMU's behaviour on `memory`, with queue and translation on. */
export function startUnit(
  memory: PhysicalMemory,
  rootPage: number,
  addressBits: 39 | 48,
  extended = EXTENDED_CAPABILITY,
): VtdUnit {
  const unit = new VtdUnit(memory, {
    capability: CAPABILITY[addressBits],
    extendedCapability: extended,
    behaviour: 'qemu-7.2',
  });
  unit.writeRegister(vtd.REGISTER.IQA, BigInt(memory.allocateTable()) << 12n);
  unit.writeRegister(vtd.REGISTER.GCMD, 1n << 26n);
  unit.writeRegister(vtd.REGISTER.RTADDR, BigInt(rootPage) << 12n);
  unit.writeRegister(vtd.REGISTER.GCMD, (1n << 30n) | (1n << 26n));
  unit.writeRegister(vtd.REGISTER.GCMD, (1n << 31n) | (1n << 26n));
  return unit;
}

function submit(unit: VtdUnit, memory: PhysicalMemory, low: bigint, high: bigint): void {
  if (unit.submit(low, high) === 0) return;
  // As software recovers: a harmless descriptor over the refused one, the error cleared, the tail written again.
  const queuePage = pageOf(unit.readRegister(vtd.REGISTER.IQA));
  const at = Number(unit.readRegister(vtd.REGISTER.IQH) >> 4n);
  const global = vtd.contextInvalidate(0, 0xffff, 0);
  memory.writeEntry(queuePage, at * 2, global.low);
  memory.writeEntry(queuePage, at * 2 + 1, global.high);
  unit.writeRegister(vtd.REGISTER.FSTS, 0x10n);
  unit.writeRegister(vtd.REGISTER.IQT, unit.readRegister(vtd.REGISTER.IQT));
}

/** Runs steps in core's unit; one verdict for each access. `flush` empties all caches before each. */
export function runInUnit(
  unit: VtdUnit,
  memory: PhysicalMemory,
  steps: readonly QemuStep[],
  flush: boolean,
): Verdict[] {
  const verdicts: Verdict[] = [];
  const flushAll = (): void => {
    const [context, iotlb] = [vtd.contextInvalidateGlobal(), vtd.iotlbInvalidateGlobal()];
    unit.submit(context.low, context.high);
    unit.submit(iotlb.low, iotlb.high);
  };
  for (const step of steps) {
    if (step.do === 'memory') {
      step.entries.forEach((entry, i) => {
        memory.writeEntry(pageOf(step.physical), Number(step.physical & 0xfffn) / 8 + i, entry);
      });
    } else if (step.do === 'invalidateAll') flushAll();
    else if (step.do === 'descriptor') submit(unit, memory, step.low, step.high);
    else {
      if (flush) flushAll();
      const access = step.access === 'read' ? ACCESS_READ : ACCESS_WRITE;
      const page = unit.translate(requesterIdAt(step.device), pageOf(step.iova), access);
      const [fault] = unit.takeFaults();
      if (page >= 0) verdicts.push(`to 0x${((BigInt(page) << 12n) | (step.iova & 0xfffn)).toString(16)}`);
      else if (fault === undefined || page === INTERRUPT_WINDOW) verdicts.push('silent');
      else verdicts.push(`fault ${fault.reason} of ${fault.requesterId} at page ${fault.iovaPage}`);
    }
  }
  return verdicts;
}

export function verdictOf(answer: QemuAnswer): Verdict {
  if ('physical' in answer) return `to 0x${answer.physical.toString(16)}`;
  if ('silent' in answer) return 'silent';
  return `fault ${answer.fault} of ${answer.requesterId} at page ${pageOf(answer.iova)}`;
}
