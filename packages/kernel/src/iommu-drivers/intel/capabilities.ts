/** What a VT-d unit's capability registers say, as far as the driver asks. (VT-d specification, 11.4.2 and 11.4.3) */
import type { VtdUnit } from '@iommu-lab/core';

export interface IntelCapabilities {
  /** Levels of the second-stage tables that the driver builds: the deepest that the unit walks. */
  readonly levels: 3 | 4 | 5;
  /** Value of a context entry's address-width field for these levels. */
  readonly addressWidth: 1 | 2 | 3;
  /** 0: 4K leaves only, 1: 2M too, 2: 1G too. */
  readonly leafLevels: 0 | 1 | 2;
  /** The unit may cache absent entries: software invalidates after making one present. */
  readonly cachingMode: boolean;
  readonly pageSelective: boolean;
  /** Log2 of the pages that one page-selective invalidation covers at most. */
  readonly maxMaskLog2: number;
  /** A domain can be made to snoop whatever the device asks for. */
  readonly snoopControl: boolean;
  readonly inputBits: number;
}

export function readCapabilities(unit: VtdUnit): IntelCapabilities {
  const cap = unit.capability;
  const bit = (value: bigint, position: bigint) => ((value >> position) & 1n) === 1n;
  const levels = bit(cap, 11n) ? 5 : bit(cap, 10n) ? 4 : 3;
  return {
    levels,
    addressWidth: (levels - 2) as 1 | 2 | 3,
    leafLevels: bit(cap, 35n) ? 2 : bit(cap, 34n) ? 1 : 0,
    cachingMode: bit(cap, 7n),
    pageSelective: bit(cap, 39n),
    maxMaskLog2: Number((cap >> 48n) & 0x3fn),
    snoopControl: bit(unit.extendedCapability, 7n),
    inputBits: Number((cap >> 16n) & 0x3fn) + 1,
  };
}
