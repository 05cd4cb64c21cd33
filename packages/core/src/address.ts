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
