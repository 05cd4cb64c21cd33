/**
 * What a unit's CAP and ECAP registers say, decoded once (VT-d specification, "Capability Register", "Extended
 * Capability Register").
 */
export interface Capability {
  /** Domain ids that the unit can tell apart. */
  readonly domainIds: number;
  /** Maximum guest address width in bits. */
  readonly inputBits: number;
  /** Bit n: tables of n + 2 levels (1: 3 levels and 39 bits, 2: 4 and 48, 3: 5 and 57). */
  readonly addressWidths: number;
  /** Highest leaf level: 0 only 4 KiB, 1 also 2 MiB, 2 also 1 GiB. */
  readonly leafLevels: number;
  /** Absent and erroneous entries may be cached. */
  readonly cachingMode: boolean;
  readonly pageSelectiveInvalidation: boolean;
  /** Largest log2 of the pages of one page-selective invalidation. */
  readonly maximumAddressMask: number;
  readonly faultRecords: number;
  /** Offset in bytes of the first fault record. */
  readonly faultRecordOffset: number;
  /** Offset in bytes of the IVA register; the IOTLB register follows it. */
  readonly iotlbOffset: number;
  readonly queuedInvalidation: boolean;
  readonly passThrough: boolean;
  readonly deviceTlb: boolean;
  readonly snoopControl: boolean;
}

function field(value: bigint, low: number, bits: number): number {
  return Number((value >> BigInt(low)) & ((1n << BigInt(bits)) - 1n));
}

export function decodeCapability(capability: bigint, extended: bigint): Capability {
  const large = field(capability, 34, 2);
  return {
    domainIds: 2 ** (4 + 2 * field(capability, 0, 3)),
    inputBits: field(capability, 16, 6) + 1,
    addressWidths: field(capability, 8, 5),
    leafLevels: (large & 1) === 0 ? 0 : (large & 2) === 0 ? 1 : 2,
    cachingMode: field(capability, 7, 1) === 1,
    pageSelectiveInvalidation: field(capability, 39, 1) === 1,
    maximumAddressMask: field(capability, 48, 6),
    faultRecords: field(capability, 40, 8) + 1,
    faultRecordOffset: field(capability, 24, 10) * 16,
    iotlbOffset: field(extended, 8, 10) * 16,
    queuedInvalidation: field(extended, 1, 1) === 1,
    passThrough: field(extended, 6, 1) === 1,
    deviceTlb: field(extended, 2, 1) === 1,
    snoopControl: field(extended, 7, 1) === 1,
  };
}
