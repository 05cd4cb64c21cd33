/** A whole machine: devices under their requester ids, and checkpoints over everything (ADR 15). */
import { describe, expect, it } from 'vitest';
import {
  ACCESS_READ,
  addressOf,
  createMachine,
  ERRNO,
  errnoName,
  isErrno,
  type Machine,
  PageTable,
  type PciFunction,
  vtd,
  vtdSecondStage,
} from '../src/index';
import { recordedMachine } from './recorded-machine';

function withTables(machine: Machine, requesterIds: number[]): PageTable {
  const { memory } = machine;
  const unit = machine.unit as NonNullable<Machine['unit']>;
  const table = PageTable.create(memory, vtdSecondStage, { levels: 3 });
  if (typeof table === 'string') throw new Error(table);
  const [root, queue] = [memory.allocateTable(), memory.allocateTable()];
  for (const bus of new Set(requesterIds.map((id) => id >> 8))) {
    const contexts = memory.allocateTable();
    memory.writeEntry(root, bus * 2, vtd.rootEntry(contexts).low);
    for (const id of requesterIds.filter((other) => other >> 8 === bus)) {
      const entry = vtd.contextEntry({
        tablePage: table.rootPage,
        translationType: 0,
        addressWidth: 1,
        domainId: 1,
      });
      memory.writeEntry(contexts, (id & 0xff) * 2, entry.low);
      memory.writeEntry(contexts, (id & 0xff) * 2 + 1, entry.high);
    }
  }
  unit.writeRegister(vtd.REGISTER.IQA, addressOf(queue));
  unit.writeRegister(vtd.REGISTER.RTADDR, addressOf(root));
  unit.writeRegister(vtd.REGISTER.GCMD, (1n << 30n) | (1n << 26n));
  unit.writeRegister(vtd.REGISTER.GCMD, (1n << 31n) | (1n << 26n));
  return table;
}

function write(machine: Machine, address: string, iova: bigint, lengthBytes: number): number[] {
  const edu = machine.edu(address) as NonNullable<ReturnType<Machine['edu']>>;
  edu.memoryEnabled = true;
  edu.busMaster = true;
  edu.writeRegister(0x80, 8, 0x40000n);
  edu.writeRegister(0x88, 8, iova);
  edu.writeRegister(0x90, 8, BigInt(lengthBytes));
  edu.writeRegister(0x98, 8, 3n);
  const pages: number[] = [];
  while (edu.transfer !== null) pages.push(edu.transfer.step().physicalPage);
  return pages;
}

describe('devices', () => {
  it('behind the bridge are seen under its id, and fault under it', () => {
    const machine = recordedMachine();
    const table = withTables(machine, [0x400]);
    table.mapRange(0x100, 0x500, 1, 3);
    expect(write(machine, '0000:04:02.0', 0x100000n, 16)).toEqual([0x500]);
    expect(write(machine, '0000:04:01.0', 0x200000n, 16)).toEqual([-5]);
    expect(machine.unit?.takeFaults()).toEqual([
      { requesterId: 0x400, iovaPage: 0x200, access: 'write', reason: 5 },
    ]);
  });
  it('are found by their address, removed or not', () => {
    const machine = recordedMachine();
    machine.pci.remove(machine.pci.find('0000:05:00.0') as PciFunction);
    expect(machine.edu('0000:05:00.0')).not.toBeNull();
    expect(machine.edu('0000:00:02.0')).toBeNull();
  });
});

describe('a checkpoint', () => {
  it('covers memory, tables, caches, registers, devices and presence', () => {
    const machine = recordedMachine();
    const unit = machine.unit as NonNullable<Machine['unit']>;
    const table = withTables(machine, [0x100, 0x500]);
    table.mapRange(0x100, 0x500, 600, 3);
    write(machine, '0000:01:00.0', 0x100000n, 16);
    write(machine, '0000:01:00.0', 0x900000n, 16);
    const hot = machine.pci.find('0000:05:00.0') as PciFunction;
    const picture = () => ({
      caches: unit.describeCaches(),
      counters: { ...unit.counters },
      registers: [0x18, 0x1c, 0x20, 0x34, 0x80, 0x88, 0x220, 0x228].map((offset) =>
        unit.readRegister(offset),
      ),
      present: machine.pci.functions().map((f) => f.address),
      frames: machine.memory.framesInUse,
      tables: machine.memory.tablesInUse,
      entries: [...table.entries()].map((entry) => entry.entry),
      gathered: table.gatheredTables,
      buffer: [...(machine.edu('0000:01:00.0')?.bufferBytes() ?? [])],
      device: machine.edu('0000:01:00.0')?.readRegister(0x88, 8),
      translated: table.translate(0x100),
      peeked: unit.peek(0x100, 0x101, ACCESS_READ),
    });
    const before = picture();
    const checkpoint = machine.checkpoint();
    for (let round = 0; round < 3; round++) {
      machine.pci.remove(hot);
      table.unmapRange(0x100, 600);
      unit.submit(0x12n, 0n);
      table.releaseGathered();
      table.mapRange(0x300000, 0x10, 700, 1);
      unit.takeFaults();
      write(machine, '0000:05:00.0', 0x300000000n, 16);
      write(machine, '0000:01:00.0', 0x300000000n, 900);
      machine.edu('0000:01:00.0')?.reset();
      machine.memory.allocateFrame();
      unit.writeRegister(vtd.REGISTER.GCMD, 0n);
      expect(picture()).not.toEqual(before);
      machine.restore(checkpoint);
      expect(picture()).toEqual(before);
    }
  });
  it('brings back a transfer that was under way', () => {
    const machine = recordedMachine();
    withTables(machine, [0x100]).mapRange(0x100, 0x500, 2, 3);
    const edu = machine.edu('0000:01:00.0') as NonNullable<ReturnType<Machine['edu']>>;
    edu.memoryEnabled = true;
    edu.busMaster = true;
    edu.writeRegister(0x80, 8, 0x100800n);
    edu.writeRegister(0x88, 8, 0x40000n);
    edu.writeRegister(0x90, 8, 4000n);
    edu.writeRegister(0x98, 8, 1n);
    expect(edu.transfer?.step().iovaPage).toBe(0x100);
    const checkpoint = machine.checkpoint();
    for (let round = 0; round < 2; round++) {
      expect(edu.transfer?.pagesLeft).toBe(1);
      expect(edu.transfer?.step()).toMatchObject({ iovaPage: 0x101, physicalPage: 0x501 });
      expect(edu.transfer).toBeNull();
      machine.restore(checkpoint);
    }
    expect(edu.transfer?.iovaPage).toBe(0x101);
  });
  it('belongs to its machine, and ends with an older one or with its release', () => {
    const machine = recordedMachine();
    const [older, newer] = [machine.checkpoint(), machine.checkpoint()];
    expect(() => recordedMachine().restore(older)).toThrow(TypeError);
    machine.restore(older);
    expect(() => machine.restore(newer)).toThrow(TypeError);
    machine.release(older);
    expect(() => machine.restore(older)).toThrow(TypeError);
  });
});

it('a machine may have no IOMMU', () => {
  const machine = createMachine({
    ram: [{ start: 0n, lengthBytes: 0x100000n }],
    unit: null,
    functions: [{ address: '00:03.0', kind: 'endpoint', model: 'edu' }],
  });
  expect(machine.unit).toBeNull();
  expect(write(machine, '0000:00:03.0', 0x5000n, 16)).toEqual([5]);
});

it('an unknown behaviour is a mistake', () => {
  const unit = { capability: '0', extendedCapability: '0', behaviour: 'qemu-1.0' as 'qemu-7.2' };
  expect(() => createMachine({ ram: [{ start: '0', lengthBytes: '0x1000' }], unit, functions: [] })).toThrow(
    'behaviour',
  );
});

it('errno names and numbers belong together', () => {
  expect(errnoName(-22)).toBe('EINVAL');
  expect(isErrno('EPROBE_DEFER')).toBe(true);
  expect([isErrno('toString'), isErrno(22)]).toEqual([false, false]);
  expect(() => errnoName(22)).toThrow(TypeError);
  for (const [name, number] of Object.entries(ERRNO)) expect(errnoName(-number)).toBe(name);
});
