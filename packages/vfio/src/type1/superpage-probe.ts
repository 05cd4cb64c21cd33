/**
 * Finding out whether the driver unmaps large pages whole: two pages are mapped as one and the first is unmapped. The
 * group can reach the two pages meanwhile; they are fresh and zero. Kernels before 7.0. `@kernel vfio_test_domain_fgsp`
 */
import { PROT_CACHE, PROT_READ, PROT_WRITE } from '@iommu-lab/core';
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type IommuDomain, iommuMap, iommuUnmap } from '@iommu-lab/kernel';
import type { IovaRange } from './iova-ranges';
import type { VfioIommu } from './vfio-iommu';

/** False also where the probe cannot be made: no memory, no room, or an error of iommu_map. */
export const vfioTestDomainFgsp = kernelFunction(
  'vfio_test_domain_fgsp',
  function* vfioTestDomainFgsp(
    iommu: VfioIommu,
    domain: IommuDomain,
    ranges: readonly IovaRange[],
  ): Op<boolean> {
    const { memory } = iommu.kernel.machine;
    const iovaPage = firstAlignedPair(ranges);
    const frames = iovaPage === null ? -1 : memory.allocateFrames(2, 2);
    if (iovaPage === null || frames < 0) return false;
    let whole = false;
    const prot = PROT_READ | PROT_WRITE | PROT_CACHE;
    if ((yield* iommuMap(domain, iovaPage, frames, 2, prot)) === 0) {
      whole = (yield* iommuUnmap(domain, iovaPage, 1)) !== 1;
      if (!whole) yield* iommuUnmap(domain, iovaPage + 1, 1);
    }
    memory.freeFrame(frames);
    memory.freeFrame(frames + 1);
    return whole;
  },
);

function firstAlignedPair(ranges: readonly IovaRange[]): number | null {
  for (const { first, last } of ranges) {
    const aligned = ((first + 0x1fffn) >> 13n) << 13n;
    if (aligned < last && last - aligned >= 0x1fffn) return Number(aligned >> 12n);
  }
  return null;
}
