/**
 * Unpacks one gzip member (RFC 1952) and checks length and CRC-32.
 *
 * fflate inflates; the frame is read here because fflate trusts the length in the trailer, and in a file that was cut
 * off that length is four bytes of something else.
 */
import { inflateSync } from 'fflate';

const FIXED_HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The unpacked bytes, or null where the data is cut off or damaged. Precondition: `isGzip(bytes)`. */
export function gunzip(bytes: Uint8Array): Uint8Array | null {
  const start = headerBytes(bytes);
  const end = bytes.length - TRAILER_BYTES;
  if (start >= end) return null;
  const unpacked = inflated(bytes.subarray(start, end));
  if (unpacked === null) return null;
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER_BYTES);
  if (trailer.getUint32(4, true) !== unpacked.length % 2 ** 32) return null;
  return trailer.getUint32(0, true) === crc32(unpacked) ? unpacked : null;
}

function headerBytes(bytes: Uint8Array): number {
  const flags = bytes[3] ?? 0;
  let at = FIXED_HEADER_BYTES;
  if (flags & FLAG_EXTRA) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if (flags & flag) {
      const zero = bytes.indexOf(0, at);
      if (zero === -1) return bytes.length;
      at = zero + 1;
    }
  }
  return flags & FLAG_HEADER_CRC ? at + 2 : at;
}

/** fflate throws an error of its own for every damage; the caller's message is the same for all of them. */
function inflated(deflated: Uint8Array): Uint8Array | null {
  try {
    return inflateSync(deflated);
  } catch {
    return null;
  }
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
