/**
 * A group joins the container. The numbers are the steps of the kernel's algorithm, whose order decides which errno a
 * caller sees. Step 7, nesting, is refused when the backend is opened; step 18, the cookie for a software MSI window,
 * concerns other architectures. `@kernel vfio_iommu_type1_attach_group`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import {
  type DomainPort,
  type Errno,
  type IommuDomain,
  type IommuGroup,
  iommuDomainFree,
  iommuGetGroupReservedRegions,
  isErrno,
  type Target,
} from '@iommu-lab/kernel';
import { vfioIommuFindIommuGroup } from './groups';
import { apertureConflict, rangesForGroup } from './iova-conflicts';
import type { IovaRange } from './iova-ranges';
import { vfioUpdatePgsizeBitmap } from './page-sizes';
import { parameterIsSet } from './parameters';
import { vfioIommuReplay } from './replay';
import { shareDomain } from './share';
import { VfioDomain, type VfioIommu, VfioIommuGroup } from './vfio-iommu';

/** One attach in progress: the design's handle and the domain that it made. */
export interface Attach {
  readonly iommu: VfioIommu;
  readonly target: Target;
  // biome-ignore lint/suspicious/noExplicitAny: a handle's type is the design's own business
  readonly port: DomainPort<any>;
  readonly handle: unknown;
  readonly domain: IommuDomain;
}

/** How an attach failed: `detached` where the group is on no domain of the container any more. */
export interface AttachFailure {
  readonly errno: Errno;
  readonly detached: boolean;
}

/**
 * Gives the group a domain with all mappings of the container, its own or one that the container has.
 * EBUSY: a vaddr is invalid. EINVAL: the group is in already, or its aperture or reserved regions contradict what is
 * mapped, or leave nothing. EPERM: its interrupts are not isolated. Otherwise the errors of the design's allocation and
 * attach, of pinning and mapping. After an error the group is where the core puts a detached group.
 */
export const vfioIommuType1AttachGroup = kernelFunction(
  'vfio_iommu_type1_attach_group',
  function* vfioIommuType1AttachGroup(iommu: VfioIommu, target: Target): Op<0 | Errno> {
    yield* iommu.lock.lock(); // 1
    let error = yield* checkMayJoin(iommu, target.group);
    if (error === 0) error = yield* attachIommuGroup(iommu, target);
    yield* iommu.lock.unlock();
    return error;
  },
);

/**
 * Takes a group of emulated devices in: no domain, no pages are pinned before a device asks (step 5).
 * EBUSY, EINVAL as above. `@kernel vfio_iommu_type1_attach_group` with VFIO_EMULATED_IOMMU
 */
export const vfioIommuType1AttachEmulatedGroup = kernelFunction(
  'vfio_iommu_type1_attach_group',
  function* vfioIommuType1AttachEmulatedGroup(iommu: VfioIommu, group: IommuGroup): Op<0 | Errno> {
    yield* iommu.lock.lock();
    const error = yield* checkMayJoin(iommu, group);
    if (error === 0) yield* iommu.emulatedGroups.addHead(new VfioIommuGroup(iommu, group, null)); // 5
    yield* iommu.lock.unlock();
    return error;
  },
);

function* checkMayJoin(iommu: VfioIommu, group: IommuGroup): Op<0 | Errno> {
  if ((yield* iommu.vaddrInvalidCount.load()) > 0) return 'EBUSY'; // 2
  if ((yield* vfioIommuFindIommuGroup(iommu, group)) !== null) return 'EINVAL'; // 3
  return 0;
}

function* attachIommuGroup(iommu: VfioIommu, target: Target): Op<0 | Errno> {
  const port = iommu.system.domainPort;
  const handle: unknown = yield* port.begin(target);
  if (isErrno(handle)) return handle;
  const isolatedMsi = !parameterIsSet(iommu.kernel, 'vfio_iommu_type1.allow_unsafe_interrupts');
  const domain = yield* port.attachNew(handle, { isolatedMsi }); // 6, 8
  if (isErrno(domain)) {
    yield* port.end(handle);
    return domain;
  }
  const failure = yield* join({ iommu, target, port, handle, domain }, isolatedMsi);
  yield* port.end(handle);
  if (failure === null) return 0;
  if (!failure.detached) yield* port.detach(target, domain);
  yield* iommuDomainFree(domain);
  return failure.errno;
}

/** Steps 9 to 19, with the group attached to its new domain. */
function* join(attach: Attach, isolatedMsi: boolean): Op<AttachFailure | null> {
  const { iommu, target, port, handle, domain } = attach;
  if (yield* apertureConflict(iommu, domain)) return { errno: 'EINVAL', detached: false }; // 9
  const regions = yield* iommuGetGroupReservedRegions(target.group); // 10
  const ranges = yield* rangesForGroup(iommu, domain, regions); // 11, 12
  if (isErrno(ranges)) return { errno: ranges, detached: false };
  const isolated = yield* port.capable(handle, domain, 'isolated-msi');
  if (isolatedMsi && !isolated) return { errno: 'EPERM', detached: false }; // 13
  const coherent = yield* port.capable(handle, domain, 'enforce-cache-coherency');
  if (coherent) yield* domain.enforceCacheCoherency.store(true); // 14
  const shared = yield* shareDomain(attach, coherent); // 15
  if (shared !== null && 'errno' in shared) return { errno: shared.errno, detached: true };
  if (shared === null) {
    const error = yield* publishOwn(attach, coherent, ranges);
    if (error !== 0) return { errno: error, detached: false };
  } else {
    yield* shared.groups.addHead(new VfioIommuGroup(iommu, target.group, target));
    yield* iommuDomainFree(domain);
  }
  yield* iommu.iovaRanges.store(ranges);
  yield* iommu.nonPinnedGroups.store((yield* iommu.nonPinnedGroups.load()) + 1);
  return null;
}

/** The new domain becomes one of the container's, with everything mapped that the container has mapped. */
function* publishOwn(attach: Attach, coherent: boolean, ranges: readonly IovaRange[]): Op<0 | Errno> {
  const { iommu, target, domain } = attach;
  const fineGrained = yield* iommu.system.era.type1.unmapsLargePagesWhole(iommu, domain, ranges); // 16
  const error = yield* vfioIommuReplay(iommu, domain); // 17
  if (error !== 0) return error;
  const own = new VfioDomain(iommu, domain, coherent, fineGrained);
  yield* own.groups.addHead(new VfioIommuGroup(iommu, target.group, target));
  yield* iommu.domains.addHead(own); // 19
  yield* vfioUpdatePgsizeBitmap(iommu);
  return 0;
}
