/**
 * Root and context entries of legacy mode (VT-d specification, sections "Root Entry" and "Context Entry").
 *
 * ```
 * root entry, one for each bus (high half reserved)
 *  63                                              12 11            1   0
 * +--------------------------------------------------+---------------+---+
 * | context table                                    | reserved      | P |
 * +--------------------------------------------------+---------------+---+
 * context entry, one for each device and function of the bus
 *  63                                              12 11    4  3  2   1   0
 * +--------------------------------------------------+--------+-----+---+---+
 * | root of the second-stage table                   | rsvd   | TT  |FPD| P |   low half
 * +--------------------------------------------------+--------+-----+---+---+
 *  127                          88 87            72 71  70   67 66    64
 * +-------------------------------+----------------+---+-------+--------+
 * | reserved                      | domain id      |rsv| avail | AW     |   high half
 * +-------------------------------+----------------+---+-------+--------+
 * ```
 * FPD: faults of this source are not recorded. TT: 0 translate, 1 also device-TLB, 2 pass-through. AW: 1 = 39 bits and
 * 3 levels, 2 = 48 and 4, 3 = 57 and 5.
 */

/** A 128-bit structure. */
export interface Quadword {
  readonly low: bigint;
  readonly high: bigint;
}

export const TRANSLATION_MULTI_LEVEL = 0;
export const TRANSLATION_DEVICE_TLB = 1;
export const TRANSLATION_PASS_THROUGH = 2;

export interface ContextEntry {
  /** Page of the second-stage root; of no meaning for pass-through. */
  tablePage: number;
  translationType: 0 | 1 | 2;
  addressWidth: 1 | 2 | 3;
  domainId: number;
  faultDisable?: boolean;
}

/** A context entry read back, whatever it holds. */
export interface DecodedContextEntry {
  readonly present: boolean;
  readonly faultDisable: boolean;
  readonly translationType: number;
  readonly tablePage: number;
  readonly addressWidth: number;
  readonly domainId: number;
}

/** A present root entry. */
export function rootEntry(contextTablePage: number): Quadword {
  return { low: (BigInt(contextTablePage) << 12n) | 1n, high: 0n };
}

/** A present context entry. TypeError when the domain id does not fit 16 bits. */
export function contextEntry(entry: ContextEntry): Quadword {
  const { tablePage, translationType, addressWidth, domainId } = entry;
  if (!Number.isInteger(domainId) || domainId < 0 || domainId > 0xffff) {
    throw new TypeError(`domain id ${domainId} is not 0..65535`);
  }
  const faultDisable = entry.faultDisable === true ? 2n : 0n;
  return {
    low: (BigInt(tablePage) << 12n) | (BigInt(translationType) << 2n) | faultDisable | 1n,
    high: (BigInt(domainId) << 8n) | BigInt(addressWidth),
  };
}

/** Reads a context entry; a table page beyond 52 address bits is kept as it is. */
export function decodeContextEntry(low: bigint, high: bigint): DecodedContextEntry {
  return {
    present: (low & 1n) === 1n,
    faultDisable: (low & 2n) === 2n,
    translationType: Number((low >> 2n) & 3n),
    tablePage: Number(low >> 12n),
    addressWidth: Number(high & 7n),
    domainId: Number((high >> 8n) & 0xffffn),
  };
}
