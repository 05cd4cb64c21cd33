/**
 * VFIO_IOMMU_GET_INFO and its chain of capabilities. `@kernel vfio_iommu_type1_get_info`
 *
 *      0        4        8                16        20       24
 *     +--------+--------+----------------+---------+--------+--------------------
 *     | argsz  | flags  | iova_pgsizes   |cap_offset| pad   | capabilities ...
 *     +--------+--------+----------------+---------+--------+--------------------
 *
 * Each capability starts with id (16 bits), version (16), offset of the next one (32, 0 for the last):
 *     migration   +8 flags 32, +16 page sizes 64, +24 largest dirty bitmap 64     (32 bytes)
 *     dma_avail   +8 mappings left 32                                             (12 or 16 bytes, by era)
 *     iova_range  +8 count 32, +16 first 64, last 64, once for each range         (16 + 16 n bytes)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { copyFromUser, copyToUser, type IoctlArgument } from '../ioctl/argument';
import type { Type1Era } from './era';
import type { IovaRange } from './iova-ranges';
import { smallestPageBytes } from './page-sizes';
import {
  DIRTY_BITMAP_MAX_BYTES,
  INFO_CAPABILITY_DMA_AVAIL,
  INFO_CAPABILITY_IOVA_RANGE,
  INFO_CAPABILITY_MIGRATION,
  INFO_FLAG_CAPABILITIES,
  INFO_FLAG_PAGE_SIZES,
} from './uapi';
import type { VfioIommu } from './vfio-iommu';

const SHORTEST_BYTES = 16;
const INFO_BYTES = 24;

/** What GET_INFO tells, as it was under the container's lock. */
interface Facts {
  readonly pageSizes: bigint;
  readonly dmaAvail: number;
  readonly ranges: readonly IovaRange[];
}

/**
 * Fills in the structure. Where the capabilities do not fit, argsz says how much room they want and cap_offset is 0.
 * EFAULT: the argument. EINVAL: argsz below 16.
 */
export const vfioIommuType1GetInfo = kernelFunction(
  'vfio_iommu_type1_get_info',
  function* vfioIommuType1GetInfo(iommu: VfioIommu, argument: IoctlArgument): Op<0 | Errno> {
    const given = copyFromUser(argument, SHORTEST_BYTES);
    if (given === 'EFAULT') return 'EFAULT';
    const argszBytes = given.getUint32(0, true);
    if (argszBytes < SHORTEST_BYTES) return 'EINVAL';
    yield* iommu.lock.lock();
    const facts: Facts = {
      pageSizes: yield* iommu.pageSizes.load(),
      dmaAvail: yield* iommu.dmaAvail.load(),
      ranges: yield* iommu.iovaRanges.load(),
    };
    yield* iommu.lock.unlock();
    const era = iommu.system.era.type1;
    const capabilities = capabilityChain(facts, era);
    const wantedBytes = INFO_BYTES + capabilities.length;
    const fits = argszBytes >= wantedBytes;
    if (fits && copyToUser(argument, INFO_BYTES, capabilities) !== 0) return 'EFAULT';
    const info = new DataView(new ArrayBuffer(INFO_BYTES));
    info.setUint32(0, fits ? argszBytes : wantedBytes, true);
    info.setUint32(4, INFO_FLAG_PAGE_SIZES | INFO_FLAG_CAPABILITIES, true);
    info.setBigUint64(8, facts.pageSizes, true);
    info.setUint32(16, fits ? INFO_BYTES : 0, true);
    return copyToUser(argument, 0, new Uint8Array(info.buffer, 0, era.infoBytes(argszBytes)));
  },
);

/** The chain as it lies behind the fixed part; offsets count from the start of the structure. */
function capabilityChain(facts: Facts, era: Type1Era): Uint8Array {
  const capabilities = [migration(facts.pageSizes), dmaAvail(facts.dmaAvail)];
  if (facts.ranges.length > 0) capabilities.push(iovaRanges(facts.ranges));
  const sizes = capabilities.map((capability) => era.capabilityBytes(capability.byteLength));
  const chain = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let offset = 0;
  for (const [index, capability] of capabilities.entries()) {
    const next = offset + (sizes[index] as number);
    if (index < capabilities.length - 1) capability.setUint32(4, INFO_BYTES + next, true);
    chain.set(new Uint8Array(capability.buffer), offset);
    offset = next;
  }
  return chain;
}

function capability(id: number, lengthBytes: number): DataView {
  const view = new DataView(new ArrayBuffer(lengthBytes));
  view.setUint16(0, id, true);
  view.setUint16(2, 1, true);
  return view;
}

function migration(pageSizes: bigint): DataView {
  const view = capability(INFO_CAPABILITY_MIGRATION, 32);
  view.setBigUint64(16, smallestPageBytes(pageSizes), true);
  view.setBigUint64(24, BigInt(DIRTY_BITMAP_MAX_BYTES), true);
  return view;
}

function dmaAvail(available: number): DataView {
  const view = capability(INFO_CAPABILITY_DMA_AVAIL, 12);
  view.setUint32(8, available, true);
  return view;
}

function iovaRanges(ranges: readonly IovaRange[]): DataView {
  const view = capability(INFO_CAPABILITY_IOVA_RANGE, 16 + 16 * ranges.length);
  view.setUint32(8, ranges.length, true);
  for (const [index, { first, last }] of ranges.entries()) {
    view.setBigUint64(16 + 16 * index, first, true);
    view.setBigUint64(24 + 16 * index, last, true);
  }
  return view;
}
