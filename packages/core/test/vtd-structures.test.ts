/** Bits of registers, structures and descriptors, written out from the VT-d specification. */
import { describe, expect, it } from 'vitest';
import { faultReasonText, vtd } from '../src/index';
import { decodeCapability } from '../src/vtd/capability';
import { PLAIN_CAP, RECORDED_CAP, RECORDED_ECAP, Rig } from './rig';

describe('structures', () => {
  it('root entry: P in bit 0, context table in 63:12', () => {
    expect(vtd.rootEntry(0x12345)).toEqual({ low: 0x1234_5001n, high: 0n });
  });
  it('context entry: P, FPD, TT in 3:2, table in 63:12; AW in 2:0, DID in 23:8 of the high half', () => {
    const entry = { tablePage: 0xabcde, addressWidth: 2, domainId: 0x1234 } as const;
    expect(vtd.contextEntry({ ...entry, translationType: 0 })).toEqual({
      low: 0xabcd_e001n,
      high: 0x12_3402n,
    });
    expect(vtd.contextEntry({ ...entry, translationType: 2, faultDisable: true }).low).toBe(0xabcd_e00bn);
  });
  it('a context entry reads back as it was written', () => {
    const entry = { tablePage: 0xabcde, translationType: 1, addressWidth: 3, domainId: 0xffff } as const;
    const { low, high } = vtd.contextEntry({ ...entry, faultDisable: true });
    expect(vtd.decodeContextEntry(low, high)).toEqual({ present: true, faultDisable: true, ...entry });
    expect(vtd.decodeContextEntry(0n, 0n).present).toBe(false);
  });
  it('a domain id beyond 16 bits is a mistake', () => {
    const entry = { tablePage: 0, translationType: 0, addressWidth: 1, domainId: 0x10000 } as const;
    expect(() => vtd.contextEntry(entry)).toThrow(TypeError);
  });
});

describe('descriptors', () => {
  it('context cache: type 1', () => {
    expect(vtd.contextInvalidateGlobal()).toEqual({ low: 0x11n, high: 0n });
    expect(vtd.contextInvalidateDomain(0x42)).toEqual({ low: 0x42_0021n, high: 0n });
    expect(vtd.contextInvalidate(0x42, 0x0418, 3)).toEqual({ low: 0x3_0418_0042_0031n, high: 0n });
  });
  it('IOTLB: type 2, with drains', () => {
    expect(vtd.iotlbInvalidateGlobal()).toEqual({ low: 0xd2n, high: 0n });
    expect(vtd.iotlbInvalidate(7)).toEqual({ low: 0x7_00e2n, high: 0n });
    expect(vtd.iotlbInvalidate(7, { iovaPage: 0x12340, pagesLog2: 4, leafOnly: true })).toEqual({
      low: 0x7_00f2n,
      high: 0x1234_0044n,
    });
  });
  it('wait: type 5 with status write', () => {
    expect(vtd.wait({ address: 0x1000n, data: 2 })).toEqual({ low: 0x2_0000_0025n, high: 0x1000n });
  });
});

it('CAP and ECAP of the recorded machines say what is known of them', () => {
  expect(decodeCapability(RECORDED_CAP, RECORDED_ECAP)).toEqual({
    domainIds: 65536,
    inputBits: 39,
    addressWidths: 0b10,
    leafLevels: 2,
    cachingMode: true,
    pageSelectiveInvalidation: true,
    maximumAddressMask: 18,
    faultRecords: 1,
    faultRecordOffset: 0x220,
    iotlbOffset: 0xf0,
    queuedInvalidation: true,
    passThrough: true,
    deviceTlb: false,
    snoopControl: false,
  });
  expect(decodeCapability(PLAIN_CAP, RECORDED_ECAP).cachingMode).toBe(false);
});

describe('registers', () => {
  it('show capabilities, and the state of commands in GSTS', () => {
    const { unit } = new Rig();
    expect(unit.readRegister(vtd.REGISTER.VER)).toBe(0x10n);
    expect(unit.readRegister(vtd.REGISTER.CAP)).toBe(PLAIN_CAP);
    expect(unit.readRegister(vtd.REGISTER.CAP + 4)).toBe(PLAIN_CAP >> 32n);
    expect(unit.readRegister(vtd.REGISTER.ECAP)).toBe(RECORDED_ECAP);
    expect(unit.readRegister(vtd.REGISTER.GSTS)).toBe(0xc400_0000n);
    unit.writeRegister(vtd.REGISTER.GCMD, 0n);
    expect(unit.readRegister(vtd.REGISTER.GSTS)).toBe(0x4000_0000n);
    expect(unit).toMatchObject({ domainIds: 65536, inputBits: 39 });
  });
  it('that are read-only keep their value', () => {
    const { unit } = new Rig();
    for (const offset of [vtd.REGISTER.CAP, vtd.REGISTER.ECAP, vtd.REGISTER.GSTS, vtd.REGISTER.IQH]) {
      const before = unit.readRegister(offset);
      unit.writeRegister(offset, 0xffff_ffff_ffff_ffffn);
      expect(unit.readRegister(offset)).toBe(before);
    }
  });
  it('keep what is written to the others', () => {
    const { unit } = new Rig();
    unit.writeRegister(vtd.REGISTER.FEADDR, 0xfee0_0000n);
    unit.writeRegister(vtd.REGISTER.IRTA, 0x1_2345_6007n);
    expect(unit.readRegister(vtd.REGISTER.FEADDR)).toBe(0xfee0_0000n);
    expect(unit.readRegister(vtd.REGISTER.IRTA)).toBe(0x1_2345_6007n);
  });
  it('exist at multiples of 4 within the file only', () => {
    const { unit } = new Rig();
    expect(() => unit.readRegister(2)).toThrow(TypeError);
    expect(() => unit.writeRegister(0x10000, 0n)).toThrow(TypeError);
    expect(() => unit.readRegister(-4)).toThrow(TypeError);
  });
});

it('fault reasons read as the recorded kernels print them', () => {
  expect([1, 2, 4, 5, 6].map(faultReasonText)).toEqual([
    'Present bit in root entry is clear',
    'Present bit in context entry is clear',
    'Access beyond MGAW',
    'PTE Write access is not set',
    'PTE Read access is not set',
  ]);
  expect(faultReasonText(0x1f)).toBe('Unknown');
});
