/**
 * Addresses and page numbers.
 *
 * A page number is an address divided by 4096. It is an exact JavaScript number for every 64-bit address (below
 * 2^52), which a byte address is not, so everything inside works on page numbers; bigint addresses are for people.
 */
export const PAGE_SIZE_BYTES = 4096;
export const PAGE_SHIFT = 12;

/** The page that a byte address lies in. Precondition: 0 <= address < 2^64. */
export function pageOf(address: bigint): number {
  return Number(address >> 12n);
}

/** The offset in bytes of an address inside its page. */
export function offsetOf(address: bigint): number {
  return Number(address & 0xfffn);
}

/** The byte address of `offset` (bytes) in page `page`. */
export function addressOf(page: number, offset = 0): bigint {
  return (BigInt(page) << 12n) + BigInt(offset);
}

/**
 * The page number in bits 63:12 of an address or entry that is given as two 32-bit words.
 * (No `**` here and in everything that runs for each page: engines compute it by a library call.)
 */
export function pageOfWords(low: number, high: number): number {
  // Pages below 2^31 in integer arithmetic alone.
  return high >= 0 && high < 0x800 ? (low >>> 12) | (high << 20) : (low >>> 12) + (high >>> 0) * 0x100000;
}

/**
 * `page` modulo `size`, a power of two up to 2^31: the low 32 bits of a page number decide, and no division is needed.
 */
export function pageWithin(page: number, size: number): number {
  return page & (size - 1);
}

/** The high word of the address of a page; `page << 12` is the low one. */
export function highWordOfPage(page: number): number {
  return page / 0x100000;
}

/** 2 to the power `exponent`, 0..52, as an exact number. */
export function powerOfTwo(exponent: number): number {
  return exponent < 31 ? 1 << exponent : (1 << (exponent - 22)) * 0x400000;
}

/** A number in hexadecimal with its prefix, as every message of the project prints addresses. */
export function hex(value: bigint | number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/** The unsigned 64-bit value of two 32-bit words (signed or not). */
export function joinWords(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The low 32 bits of a 64-bit value, as the signed number that an Int32Array holds. */
export function lowWord(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** The high 32 bits of a 64-bit value, as the signed number that an Int32Array holds. */
export function highWord(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}
