/**
 * Invalidation descriptors, 128 bits each (VT-d specification, section "Queued Invalidation Descriptors").
 *
 * ```
 * context cache    low: 49:48 function mask, 47:32 source id, 31:16 domain id, 5:4 granularity, 3:0 = 1
 * IOTLB            low: 31:16 domain id, 7 drain reads, 6 drain writes, 5:4 granularity, 3:0 = 2
 *                  high: 63:12 address, 6 invalidation hint, 5:0 address mask
 * invalidation wait low: 63:32 status data, 6 fence, 5 write status, 4 interrupt, 3:0 = 5
 *                  high: 63:2 status address
 * ```
 * Granularity: 1 global, 2 domain, 3 device or page. The hint says that no pointer to a table has changed, so cached
 * pointers may stay.
 */
import type { Quadword } from './structures';

export const DESCRIPTOR = {
  CONTEXT: 1,
  IOTLB: 2,
  DEVICE_TLB: 3,
  INTERRUPT_ENTRY: 4,
  WAIT: 5,
  PASID_IOTLB: 6,
  PASID_CACHE: 7,
} as const;

export const GRANULARITY = { GLOBAL: 1, DOMAIN: 2, SELECTIVE: 3 } as const;

const DRAIN = 0xc0n;

function descriptor(type: number, granularity: number, domainId: number): bigint {
  return BigInt(type) | (BigInt(granularity) << 4n) | (BigInt(domainId) << 16n);
}

/** Drops cached translations of a domain: all of them, or those that touch a range of 2^`pagesLog2` pages. */
export function iotlbInvalidate(
  domainId: number,
  range?: { iovaPage: number; pagesLog2: number; leafOnly: boolean },
): Quadword {
  if (range === undefined) return { low: descriptor(2, GRANULARITY.DOMAIN, domainId) | DRAIN, high: 0n };
  const hint = range.leafOnly ? 1n << 6n : 0n;
  return {
    low: descriptor(DESCRIPTOR.IOTLB, GRANULARITY.SELECTIVE, domainId) | DRAIN,
    high: (BigInt(range.iovaPage) << 12n) | hint | BigInt(range.pagesLog2),
  };
}

/** Drops all cached translations. */
export function iotlbInvalidateGlobal(): Quadword {
  return { low: descriptor(DESCRIPTOR.IOTLB, GRANULARITY.GLOBAL, 0) | DRAIN, high: 0n };
}

/**
 * Drops the cached context entries of one source; `functionMask` 1 to 3 ignores that many upper bits of the function
 * number (1: bit 2, 2: bits 2 and 1, 3: all).
 */
export function contextInvalidate(domainId: number, requesterId: number, functionMask: number): Quadword {
  const source = (BigInt(requesterId) << 32n) | (BigInt(functionMask) << 48n);
  return { low: descriptor(DESCRIPTOR.CONTEXT, GRANULARITY.SELECTIVE, domainId) | source, high: 0n };
}

/** Drops the cached context entries of a domain. */
export function contextInvalidateDomain(domainId: number): Quadword {
  return { low: descriptor(DESCRIPTOR.CONTEXT, GRANULARITY.DOMAIN, domainId), high: 0n };
}

/** Drops all cached context entries. */
export function contextInvalidateGlobal(): Quadword {
  return { low: descriptor(DESCRIPTOR.CONTEXT, GRANULARITY.GLOBAL, 0), high: 0n };
}

/** Ends a batch: everything before it is done once 32-bit `data` stands at physical `address` (a multiple of 4). */
export function wait(status: { address: bigint; data: number }): Quadword {
  return { low: 0x25n | (BigInt(status.data >>> 0) << 32n), high: status.address };
}
