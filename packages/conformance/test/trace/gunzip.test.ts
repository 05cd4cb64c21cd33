import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gunzip, isGzip } from '../../src/trace/gunzip';

const packed = fc.uint8Array({ minLength: 1, maxLength: 3000 }).map((bytes) => ({
  bytes,
  gzip: new Uint8Array(gzipSync(bytes)),
}));

/** A member whose header has every optional part: extra field, name, comment, header CRC (zlib checks it, we do not). */
function withOptionalHeader(gzip: Uint8Array): Uint8Array {
  const header = [...gzip.subarray(0, 10)];
  header[3] = 4 | 8 | 16 | 2;
  const extra = [3, 0, 1, 2, 3];
  const name = [0x61, 0x2e, 0x62, 0];
  const comment = [0x63, 0];
  return Uint8Array.from([...header, ...extra, ...name, ...comment, 0xaa, 0xbb, ...gzip.subarray(10)]);
}

describe('gunzip', () => {
  it('unpacks what zlib packed', () => {
    fc.assert(
      fc.property(packed, ({ bytes, gzip }) => {
        expect(isGzip(gzip)).toBe(true);
        expect(gunzip(gzip)).toEqual(bytes);
      }),
    );
  });

  it('skips the optional parts of a header', () => {
    const gzip = new Uint8Array(gzipSync('some text'));
    expect(new TextDecoder().decode(gunzip(withOptionalHeader(gzip)) ?? undefined)).toBe('some text');
  });

  it('refuses every file that was cut off', () => {
    fc.assert(
      fc.property(packed, fc.nat(), ({ gzip }, cut) => {
        expect(gunzip(gzip.subarray(0, Math.max(2, cut % gzip.length)))).toBeNull();
      }),
    );
  });

  it('refuses a file of which one byte of data or trailer was changed', () => {
    fc.assert(
      fc.property(packed, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ bytes, gzip }, at, change) => {
        const damaged = gzip.slice();
        const index = 10 + (at % (gzip.length - 10));
        damaged[index] = (damaged[index] ?? 0) ^ change;
        // Padding bits after the last block mean nothing: then the content is whole.
        const result = gunzip(damaged);
        if (result !== null) expect(result).toEqual(bytes);
      }),
    );
  });

  it('takes a view into a larger buffer', () => {
    const gzip = new Uint8Array(gzipSync('view'));
    const buffer = new Uint8Array(gzip.length + 7);
    buffer.set(gzip, 7);
    expect(new TextDecoder().decode(gunzip(buffer.subarray(7)) ?? undefined)).toBe('view');
  });

  it('knows plain text from gzip', () => {
    expect(isGzip(new TextEncoder().encode('{"case":'))).toBe(false);
    expect(isGzip(new Uint8Array())).toBe(false);
  });
});
