/** Fault records, the fault status, and the invalidation interfaces of a VT-d unit. */
import { describe, expect, it } from 'vitest';
import { ACCESS_READ, ACCESS_WRITE, addressOf, ERRNO, FAULT_REASON, vtd } from '../src/index';
import { A, B, C, PLAIN_CAP, RECORDED_CAP, Rig, RW } from './rig';

const { REGISTER } = vtd;
const FRCD = 0x220;
/** Eight fault records. */
const EIGHT_RECORDS = PLAIN_CAP | (7n << 40n);

describe('a fault record', () => {
  it('holds address, source, direction, reason and the valid bit', () => {
    const rig = new Rig();
    const { unit } = rig;
    rig.attach(C, rig.table(), 1);
    expect(unit.translate(C, 0x1234, ACCESS_READ)).toBe(-FAULT_REASON.READ_REFUSED);
    expect(unit.readRegister(FRCD)).toBe(0x123_4000n);
    expect(unit.readRegister(FRCD + 8)).toBe((1n << 63n) | (1n << 62n) | (6n << 32n) | 0x400n);
    expect(unit.readRegister(REGISTER.FSTS)).toBe(2n);
    unit.writeRegister(FRCD + 12, 1n << 31n);
    expect(unit.readRegister(FRCD + 8) >> 63n).toBe(0n);
    expect(unit.readRegister(REGISTER.FSTS)).toBe(0n);
  });
  it('is written round the ring; FSTS names the first', () => {
    const rig = new Rig({ capability: EIGHT_RECORDS });
    const { unit } = rig;
    rig.attach(A, rig.table(), 1);
    for (let n = 0; n < 3; n++) unit.translate(A, n, ACCESS_READ);
    unit.takeFaults();
    unit.translate(A, 3, ACCESS_WRITE);
    unit.translate(A, 4, ACCESS_WRITE);
    expect(unit.readRegister(REGISTER.FSTS)).toBe(0x302n);
    const faults = unit.takeFaults();
    expect(faults.map((fault) => fault.iovaPage)).toEqual([3, 4]);
    expect(faults[0]).toEqual({ requesterId: A, iovaPage: 3, access: 'write', reason: 5 });
    expect(unit.readRegister(REGISTER.FSTS) & 3n).toBe(0n);
  });
  it('is lost on overflow, which is flagged until it is cleared', () => {
    const rig = new Rig({ capability: EIGHT_RECORDS });
    const { unit } = rig;
    rig.attach(A, rig.table(), 1);
    for (let n = 0; n < 10; n++) unit.translate(A, n, ACCESS_READ);
    expect(unit.readRegister(REGISTER.FSTS)).toBe(3n);
    expect(unit.takeFaults()).toHaveLength(8);
    unit.translate(A, 10, ACCESS_READ);
    expect(unit.takeFaults().map((fault) => fault.iovaPage)).toEqual([10]);
  });
  it('is one for each source in qemu-7.2, until it is cleared', () => {
    const rig = new Rig({ capability: RECORDED_CAP, behaviour: 'qemu-7.2' });
    const { unit } = rig;
    rig.attach(A, rig.table(), 1);
    for (let n = 1; n < 4; n++) expect(unit.translate(A, n, ACCESS_WRITE)).toBe(-FAULT_REASON.WRITE_REFUSED);
    expect(unit.takeFaults().map((fault) => fault.iovaPage)).toEqual([1]);
    unit.translate(A, 2, ACCESS_WRITE);
    expect(unit.takeFaults().map((fault) => fault.iovaPage)).toEqual([2]);
  });
  it('is not written for a refusal from a cached translation in qemu-7.2', () => {
    const rig = new Rig({ capability: RECORDED_CAP, behaviour: 'qemu-7.2' });
    const { unit } = rig;
    const table = rig.table();
    table.mapRange(0x100, 0x500, 1, 1);
    rig.attach(A, table, 1);
    unit.translate(A, 0x100, ACCESS_READ);
    expect(unit.translate(A, 0x100, ACCESS_WRITE)).toBe(-FAULT_REASON.WRITE_REFUSED);
    expect(unit.takeFaults()).toEqual([]);
  });
  it('is suppressed by FPD, except for what comes before the context entry', () => {
    const rig = new Rig();
    const { unit } = rig;
    rig.attach(A, rig.table(), 1, { faultDisable: true });
    expect(unit.translate(A, 0x1234, ACCESS_READ)).toBe(-FAULT_REASON.READ_REFUSED);
    expect(unit.takeFaults()).toEqual([]);
    rig.setContext(B, 2n, 0n); // FPD without P
    expect(unit.translate(B, 0x1234, ACCESS_READ)).toBe(-FAULT_REASON.CONTEXT_ENTRY_ABSENT);
    expect(unit.takeFaults()).toHaveLength(1);
  });
});

describe('faults of structures', () => {
  const low = (page: number): bigint => addressOf(page) | 1n;
  it.each([
    ['no root entry', (rig: Rig) => rig.memory.writeEntry(rig.root, 0, 0n), FAULT_REASON.ROOT_ENTRY_ABSENT],
    [
      'reserved bits in it',
      (rig: Rig) => rig.memory.writeEntry(rig.root, 0, low(5) | 2n),
      FAULT_REASON.ROOT_ENTRY_RESERVED,
    ],
    [
      'reserved bits in its high half',
      (rig: Rig) => rig.memory.writeEntry(rig.root, 1, 1n),
      FAULT_REASON.ROOT_ENTRY_RESERVED,
    ],
    [
      'a context table that is no RAM',
      (rig: Rig) => rig.memory.writeEntry(rig.root, 0, low(0xa0)),
      FAULT_REASON.CONTEXT_TABLE_UNREADABLE,
    ],
    ['no context entry', (rig: Rig) => rig.setContext(A, 0n, 0n), FAULT_REASON.CONTEXT_ENTRY_ABSENT],
    [
      'reserved bits in the context entry',
      (rig: Rig) => rig.setContext(A, low(5) | 0x10n, 1n),
      FAULT_REASON.CONTEXT_ENTRY_RESERVED,
    ],
    [
      'an address width that CAP lacks',
      (rig: Rig) => rig.setContext(A, low(5), 2n),
      FAULT_REASON.CONTEXT_ENTRY_INVALID,
    ],
    [
      'a translation type that ECAP lacks',
      (rig: Rig) => rig.setContext(A, low(5) | 4n, 1n),
      FAULT_REASON.CONTEXT_ENTRY_INVALID,
    ],
    [
      'a second-stage root that is no RAM',
      (rig: Rig) => rig.setContext(A, low(0xa0), 1n),
      FAULT_REASON.CONTEXT_ENTRY_INVALID,
    ],
  ])('%s', (_, damage, reason) => {
    const rig = new Rig();
    rig.attach(A, rig.table(), 1);
    damage(rig);
    expect(rig.unit.translate(A, 0x1234, ACCESS_READ)).toBe(-reason);
    expect(rig.unit.takeFaults()[0]?.reason).toBe(reason);
  });
  it('are kept, with caching mode, as what they are, whatever was translated before', () => {
    const kept = [false, true].map((first) => {
      const rig = new Rig({ capability: RECORDED_CAP });
      rig.attach(B, rig.table(), 1);
      rig.setContext(A, 0n, 0n);
      if (first) rig.unit.translate(B, 0x1234, ACCESS_READ);
      rig.unit.translate(A, 0x1234, ACCESS_READ);
      return rig.unit.describeCaches().filter((line) => line.startsWith(`context ${A.toString(16)}:`));
    });
    expect(kept[0]).toHaveLength(1);
    expect(kept[1]).toEqual(kept[0]);
  });
  it('a root table that is no RAM', () => {
    const rig = new Rig();
    rig.unit.writeRegister(REGISTER.RTADDR, 0xa0000n);
    rig.unit.writeRegister(REGISTER.GCMD, (1n << 31n) | (1n << 30n));
    expect(rig.unit.translate(A, 0, ACCESS_READ)).toBe(-FAULT_REASON.ROOT_TABLE_UNREADABLE);
  });
  it('a next table that is no RAM', () => {
    const rig = new Rig();
    const table = rig.table();
    rig.attach(A, table, 1);
    rig.memory.writeEntry(table.rootPage, 0, addressOf(0xa0) | 3n);
    expect(rig.unit.translate(A, 0, ACCESS_READ)).toBe(-FAULT_REASON.NEXT_TABLE_UNREADABLE);
  });
});

describe('the invalidation queue', () => {
  it('lies in memory: descriptors written there are executed when the tail is', () => {
    const rig = new Rig();
    const { unit, memory } = rig;
    const table = rig.table();
    table.mapRange(0x100, 0x500, 1, RW);
    rig.attach(A, table, 1);
    unit.translate(A, 0x100, ACCESS_READ);
    const status = memory.allocateFrame();
    const batch = [vtd.iotlbInvalidate(1), vtd.wait({ address: addressOf(status, 0x10), data: 0xdeadbeef })];
    batch.forEach(({ low, high }, i) => {
      memory.writeEntry(rig.queue, i * 2, low);
      memory.writeEntry(rig.queue, i * 2 + 1, high);
    });
    expect(unit.iotlbHas(1, 0x100)).toBe(true);
    unit.writeRegister(REGISTER.IQT, 0x20n);
    expect(unit.iotlbHas(1, 0x100)).toBe(false);
    expect(unit.readRegister(REGISTER.IQH)).toBe(0x20n);
    expect(memory.readEntry(status, 2)).toBe(0xdeadbeefn);
  });
  it('takes descriptors bit-exact from submit, and wraps round', () => {
    const rig = new Rig();
    for (let n = 0; n < 300; n++) expect(rig.send(vtd.iotlbInvalidate(n & 0xff))).toBe(0);
    expect(rig.unit.readRegister(REGISTER.IQT)).toBe(BigInt((300 % 256) * 16));
    const last = (299 % 256) * 2;
    expect(rig.memory.readEntry(rig.queue, last)).toBe(vtd.iotlbInvalidate(299 & 0xff).low);
    expect(rig.unit.counters.iotlbInvalidations).toBe(300);
  });
  it('writes the status word of a wait into either half of an entry', () => {
    const rig = new Rig();
    const frame = rig.memory.allocateFrame();
    rig.send(vtd.wait({ address: addressOf(frame, 4), data: 7 }));
    rig.send(vtd.wait({ address: addressOf(frame, 0), data: 9 }));
    expect(rig.memory.readEntry(frame, 0)).toBe((7n << 32n) | 9n);
  });
  it('stops at a descriptor that it cannot execute until software mends it', () => {
    const rig = new Rig();
    const { unit, memory } = rig;
    expect(rig.send({ low: 0xfn, high: 0n })).toBe(-ERRNO.EINVAL);
    expect(unit.readRegister(REGISTER.FSTS) & 0x10n).toBe(0x10n);
    expect(rig.send(vtd.iotlbInvalidateGlobal())).toBe(-ERRNO.EIO);
    expect(unit.readRegister(REGISTER.IQH)).toBe(0n);
    memory.writeEntry(rig.queue, 0, vtd.iotlbInvalidateGlobal().low);
    unit.writeRegister(REGISTER.FSTS, 0x10n);
    unit.writeRegister(REGISTER.IQT, 0x10n);
    expect(unit.readRegister(REGISTER.IQH)).toBe(0x10n);
    expect(rig.send(vtd.iotlbInvalidateGlobal())).toBe(0);
  });
  it.each([
    ['a mask beyond CAP.MAMV', vtd.iotlbInvalidate(1, { iovaPage: 0, pagesLog2: 19, leafOnly: false })],
    ['reserved bits', { low: 0x12n, high: 0x80n }],
    ['no granularity', { low: 0x2n, high: 0n }],
    ['a PASID descriptor in legacy mode', { low: 0x6n, high: 0n }],
    ['a status address that is no RAM', vtd.wait({ address: 0xa0000n, data: 1 })],
  ])('refuses %s', (_, pair) => {
    expect(new Rig().send(pair)).toBe(-ERRNO.EINVAL);
  });
  it('that is off takes nothing', () => {
    const rig = new Rig();
    rig.unit.writeRegister(REGISTER.GCMD, 1n << 31n);
    expect(rig.send(vtd.iotlbInvalidateGlobal())).toBe(-ERRNO.ENODEV);
  });
  it('whose tail lies beyond it stops', () => {
    const rig = new Rig();
    rig.unit.writeRegister(REGISTER.IQT, 0x1000n);
    expect(rig.unit.readRegister(REGISTER.FSTS) & 0x10n).toBe(0x10n);
  });
});

describe('register-based invalidation', () => {
  it('works while the queue is off, and not while it is on', () => {
    const rig = new Rig();
    const { unit } = rig;
    const table = rig.table();
    table.mapRange(0x100, 0x500, 1, RW);
    rig.attach(A, table, 1);
    unit.translate(A, 0x100, ACCESS_READ);
    const iva = 0xf0;
    const globalIotlb = (1n << 63n) | (1n << 60n);
    unit.writeRegister(iva + 8, globalIotlb);
    expect(unit.iotlbHas(1, 0x100)).toBe(true);
    unit.writeRegister(REGISTER.GCMD, 1n << 31n);
    unit.writeRegister(iva, 0x200000n);
    unit.writeRegister(iva + 8, (1n << 63n) | (3n << 60n) | (1n << 32n)); // another page
    expect(unit.iotlbHas(1, 0x100)).toBe(true);
    unit.writeRegister(iva, 0x100000n);
    unit.writeRegister(iva + 8, (1n << 63n) | (3n << 60n) | (1n << 32n));
    expect(unit.iotlbHas(1, 0x100)).toBe(false);
    expect(unit.readRegister(iva + 8) >> 63n).toBe(0n);
    unit.writeRegister(REGISTER.CCMD, (1n << 63n) | (3n << 61n) | (BigInt(B) << 16n) | 1n);
    expect(unit.contextCacheHas(A)).toBe(true);
    unit.writeRegister(REGISTER.CCMD, (1n << 63n) | (3n << 61n) | (BigInt(A) << 16n) | 1n);
    expect(unit.contextCacheHas(A)).toBe(false);
  });
});
