/** The text of a file that may be packed with gzip. */
import { gunzipSync } from 'node:zlib';
import { InputError } from '@iommu-lab/conformance';

/** @throws InputError where the data is cut off, damaged, or no UTF-8 text. */
export function textOf(bytes: Uint8Array, source: string): string {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(bytes, source) : bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    throw new InputError('neither gzip nor UTF-8 text', { source });
  }
}

function unpacked(bytes: Uint8Array, source: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch {
    throw new InputError('gzip data is cut off or damaged', { source });
  }
}
