/** The edu device: registers, its buffer, and transfers page by page. */
import { describe, expect, it } from 'vitest';
import { EduDevice as Edu } from '../src/devices/edu';
import {
  ACCESS_READ,
  addressOf,
  type DmaTransfer,
  EDU_REGISTER,
  type EduDevice,
  INTERRUPT_WINDOW,
  vtd,
} from '../src/index';
import { PciFunction } from '../src/pci/function';
import { Rig, type RigOptions, RW } from './rig';

function device(options: RigOptions = {}) {
  const rig = new Rig(options);
  const table = rig.table();
  const pciFunction = new PciFunction(
    { address: '00:03.0', kind: 'endpoint', model: 'edu' },
    rig.memory.journal,
  );
  rig.attach(pciFunction.requesterId, table, 1);
  const edu = new Edu(pciFunction, rig.memory, rig.unit);
  edu.memoryEnabled = true;
  edu.busMaster = true;
  return { rig, table, edu, memory: rig.memory, unit: rig.unit };
}

function start(
  edu: EduDevice,
  direction: 'read' | 'write',
  iova: bigint,
  lengthBytes: number,
  more = 0n,
): DmaTransfer | null {
  const buffer = 0x40000n;
  edu.writeRegister(EDU_REGISTER.DMA_SOURCE, 8, direction === 'read' ? iova : buffer);
  edu.writeRegister(EDU_REGISTER.DMA_DESTINATION, 8, direction === 'read' ? buffer : iova);
  edu.writeRegister(EDU_REGISTER.DMA_COUNT, 8, BigInt(lengthBytes));
  edu.writeRegister(EDU_REGISTER.DMA_COMMAND, 8, (direction === 'read' ? 1n : 3n) | more);
  return edu.transfer;
}
function run(
  edu: EduDevice,
  direction: 'read' | 'write',
  iova: bigint,
  lengthBytes: number,
): (number | undefined)[] {
  const transfer = start(edu, direction, iova, lengthBytes);
  const pages: number[] = [];
  while (edu.transfer !== null) pages.push((transfer as DmaTransfer).step().physicalPage);
  return pages;
}
const peek = (rig: Rig, page: number, offset: number, length: number): number[] => {
  const bytes = new Uint8Array(length);
  rig.memory.readBytes(page, offset, bytes);
  return [...bytes];
};

describe('registers', () => {
  it('identify the device, complement, compute factorials, raise and acknowledge', () => {
    const { edu } = device();
    expect(edu.readRegister(0x00, 4)).toBe(0x010000edn);
    edu.writeRegister(0x04, 4, 0x12345678n);
    expect(edu.readRegister(0x04, 4)).toBe(0xedcba987n);
    edu.writeRegister(0x20, 4, 0x80n);
    edu.writeRegister(0x08, 4, 10n);
    expect(edu.readRegister(0x08, 4)).toBe(3628800n);
    expect(edu.readRegister(0x24, 4)).toBe(1n);
    edu.writeRegister(0x60, 4, 0x30n);
    edu.writeRegister(0x64, 4, 0x11n);
    expect(edu.readRegister(0x24, 4)).toBe(0x20n);
    edu.writeRegister(0x08, 4, 0xffffffffn);
    expect(edu.readRegister(0x08, 4)).toBe(0n);
  });
  it('decode 8-byte accesses from 0x80 on only', () => {
    const { edu } = device();
    expect(edu.readRegister(0x00, 8)).toBe(0xffff_ffff_ffff_ffffn);
    expect(edu.readRegister(0x40, 4)).toBe(0xffff_ffffn);
    edu.writeRegister(0x80, 8, 0x1234_5678_9abc_def0n);
    expect(edu.readRegister(0x80, 8)).toBe(0x1234_5678_9abc_def0n);
    expect(edu.readRegister(0x80, 4)).toBe(0x9abc_def0n);
  });
  it('are not there while memory decoding is off', () => {
    const { edu } = device();
    edu.memoryEnabled = false;
    expect(edu.readRegister(0, 4)).toBe(0xffff_ffffn);
    edu.writeRegister(0x04, 4, 0n);
    edu.memoryEnabled = true;
    expect(edu.readRegister(0x04, 4)).toBe(0n);
  });
  it('of DMA cannot be changed while a transfer runs', () => {
    const { edu, table } = device();
    table.mapRange(0x100, 0x500, 1, RW);
    start(edu, 'read', 0x100000n, 64);
    edu.writeRegister(0x90, 8, 7n);
    expect(edu.readRegister(0x90, 8)).toBe(64n);
    expect(edu.readRegister(0x98, 8) & 1n).toBe(1n);
    edu.transfer?.step();
    expect(edu.readRegister(0x98, 8) & 1n).toBe(0n);
    edu.writeRegister(0x90, 8, 7n);
    expect(edu.readRegister(0x90, 8)).toBe(7n);
  });
});

describe('transfers', () => {
  it('move bytes through the page table, both ways, across pages', () => {
    const { rig, edu, table, memory } = device();
    table.mapRange(0x100, 0x500, 1, RW);
    table.mapRange(0x101, 0x600, 1, RW);
    memory.fillBytes(0x500, 0xff0, 16, 0x11);
    memory.fillBytes(0x600, 0, 16, 0x22);
    expect(run(edu, 'read', 0x100ff0n, 32)).toEqual([0x500, 0x600]);
    expect(run(edu, 'write', 0x100003n, 32)).toEqual([0x500]);
    expect(peek(rig, 0x500, 2, 34)).toEqual([0, ...Array(16).fill(0x11), ...Array(16).fill(0x22), 0]);
  });
  it('skip a page that faults and move the others; the fault names the page', () => {
    const { rig, edu, table, memory, unit } = device();
    table.mapRange(0x100, 0x500, 1, RW);
    memory.fillBytes(0x500, 0, 4096, 0x33);
    run(edu, 'read', 0x100000n, 512);
    memory.fillBytes(0x500, 0, 4096, 0);
    expect(run(edu, 'write', 0x100f80n, 256)).toEqual([0x500, -5]);
    expect(run(edu, 'write', 0xfff80n, 256)).toEqual([-5, 0x500]);
    expect(unit.takeFaults().map((fault) => fault.iovaPage)).toEqual([0x101]); // one record, then overflow
    expect(peek(rig, 0x500, 0xf7f, 3)).toEqual([0, 0x33, 0x33]);
    expect(peek(rig, 0x500, 0x7e, 4)).toEqual([0x33, 0x33, 0, 0]);
  });
  it('leave zeros in the buffer where a read is refused', () => {
    const { edu, table, memory } = device();
    table.mapRange(0x100, 0x500, 1, RW);
    memory.fillBytes(0x500, 0, 256, 0x77);
    run(edu, 'read', 0x100000n, 256);
    run(edu, 'read', 0x1000000n, 128);
    const buffer = edu.bufferBytes();
    expect([buffer[0], buffer[127], buffer[128], buffer[255]]).toEqual([0, 0, 0x77, 0x77]);
  });
  it('without bus mastering end at once and move nothing; a read leaves zeros', () => {
    const { rig, edu, table, memory } = device();
    table.mapRange(0x100, 0x500, 1, RW);
    memory.fillBytes(0x500, 0, 64, 0x55);
    run(edu, 'read', 0x100000n, 64);
    edu.busMaster = false;
    memory.fillBytes(0x500, 0, 64, 0x66);
    expect(start(edu, 'write', 0x100000n, 64)).toBeNull();
    expect(peek(rig, 0x500, 0, 1)).toEqual([0x66]);
    start(edu, 'read', 0x100000n, 64);
    expect(edu.bufferBytes()[0]).toBe(0);
  });
  it('that do not lie in the buffer, or end exactly at its end, do nothing', () => {
    const { edu, table } = device();
    table.mapRange(0x100, 0x500, 4, RW);
    expect(start(edu, 'read', 0x100000n, 4097)).toBeNull();
    expect(start(edu, 'read', 0x100000n, 4096)).toBeNull();
    expect(start(edu, 'read', 0x100000n, 0)).toBeNull();
    expect(start(edu, 'read', 0x100000n, 4095)).not.toBeNull();
  });
  it('in the interrupt range reach no memory and are no fault', () => {
    const { edu, unit } = device();
    expect(run(edu, 'read', 0xfee00000n, 64)).toEqual([INTERRUPT_WINDOW]);
    expect(unit.takeFaults()).toEqual([]);
  });
  it('can be seen between translation and move', () => {
    const { rig, edu, table, memory, unit } = device();
    table.mapRange(0x100, 0x500, 1, RW);
    memory.fillBytes(0x500, 0, 64, 0x44);
    const transfer = start(edu, 'read', 0x100000n, 64) as DmaTransfer;
    expect(transfer).toMatchObject({ pagesLeft: 1, iovaPage: 0x100, access: ACCESS_READ, requesterId: 0x18 });
    expect(transfer.peekNext()).toBe(0x500);
    expect(unit.iotlbHas(1, 0x100)).toBe(false);
    expect(transfer.translateNext()).toBe(0x500);
    table.unmapRange(0x100, 1);
    rig.send(vtd.iotlbInvalidateGlobal());
    expect(transfer.step()).toEqual({ iovaPage: 0x100, physicalPage: 0x500, lengthBytes: 64 });
    expect(edu.bufferBytes()[0]).toBe(0x44);
    expect(() => transfer.step()).toThrow(TypeError);
    expect(() => transfer.translateNext()).toThrow(TypeError);
    expect(() => transfer.peekNext()).toThrow(TypeError);
  });
  it('raise an interrupt when asked to', () => {
    const { edu, table } = device();
    table.mapRange(0x100, 0x500, 1, RW);
    start(edu, 'read', 0x100000n, 64, 4n);
    expect(edu.readRegister(0x24, 4)).toBe(0n);
    edu.transfer?.step();
    expect(edu.readRegister(0x24, 4)).toBe(0x100n);
  });
  it('wrap round the end of the 64-bit bus', () => {
    const { edu, rig } = device();
    rig.unit.writeRegister(vtd.REGISTER.GCMD, 0n);
    const transfer = start(edu, 'write', (1n << 64n) - 16n, 32) as DmaTransfer;
    expect(transfer.pagesLeft).toBe(2);
    expect([transfer.step().iovaPage, transfer.step().iovaPage]).toEqual([2 ** 52 - 1, 0]);
  });
  it('without an IOMMU use the bus address', () => {
    const { rig } = device();
    const pciFunction = new PciFunction({ address: '00:04.0', kind: 'endpoint' }, rig.memory.journal);
    const edu = new Edu(pciFunction, rig.memory, null);
    edu.memoryEnabled = true;
    edu.busMaster = true;
    rig.memory.fillBytes(0x700, 0, 8, 9);
    expect(run(edu, 'read', addressOf(0x700), 8)).toEqual([0x700]);
    expect(edu.bufferBytes()[7]).toBe(9);
  });
});

it('a reset clears the command register and keeps the buffer', () => {
  const { edu, table, memory } = device();
  table.mapRange(0x100, 0x500, 1, RW);
  memory.fillBytes(0x500, 0, 8, 9);
  run(edu, 'read', 0x100000n, 8);
  edu.reset();
  expect([edu.busMaster, edu.memoryEnabled, edu.bufferBytes()[0]]).toEqual([false, false, 9]);
});
