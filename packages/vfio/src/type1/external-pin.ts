/**
 * Pins by emulated devices, page by page through the container's iova space. A page that is pinned twice is counted
 * by reference; it is charged only while no IOMMU domain has it pinned and charged anyway.
 * `@kernel vfio_iommu_type1_pin_pages, vfio_iommu_type1_unpin_pages`
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, type IommuGroup, isErrno } from '@iommu-lab/kernel';
import { vfioLockAcct } from './accounting';
import { markDirty } from './dirty';
import type { VfioDma } from './dma';
import { vfioFindDma } from './dma-tree';
import { vfioIommuFindIommuGroup } from './groups';
import { pinOnePage } from './pin';
import { unpinStep } from './pin-run';
import { PIN_PAGES_MAX } from './uapi';
import type { ExternalPin, VfioIommu } from './vfio-iommu';

/**
 * Pins `pages` pages from `iovaPage` on and answers their physical pages; all or nothing.
 * `prot`: what the device will do, PROT_READ and PROT_WRITE. EINVAL: no page asked for, no emulated device registered,
 * nothing mapped there, or no memory behind it. E2BIG: more than 512. EACCES: a v1 container. EBUSY: a vaddr is invalid.
 * EPERM: the mapping allows less. ENODEV: the process is gone. EFAULT, ENOMEM: pinning.
 */
export const vfioIommuType1PinPages = kernelFunction(
  'vfio_iommu_type1_pin_pages',
  function* vfioIommuType1PinPages(
    iommu: VfioIommu,
    group: IommuGroup,
    iovaPage: number,
    pages: number,
    prot: number,
  ): Op<readonly number[] | Errno> {
    if (pages <= 0) return 'EINVAL';
    if (pages > PIN_PAGES_MAX) return 'E2BIG';
    if (!iommu.v2) return 'EACCES';
    yield* iommu.lock.lock();
    const pinned = yield* pinLocked(iommu, group, iovaPage, pages, prot);
    yield* iommu.lock.unlock();
    return pinned;
  },
);

function* pinLocked(
  iommu: VfioIommu,
  group: IommuGroup,
  iovaPage: number,
  pages: number,
  prot: number,
): Op<readonly number[] | Errno> {
  if ((yield* iommu.vaddrInvalidCount.load()) > 0) {
    iommu.kernel.warn('vfio_iommu_type1_pin_pages');
    return 'EBUSY';
  }
  if ((yield* iommu.devices.load()).length === 0) return 'EINVAL';
  const physical: number[] = [];
  for (let page = iovaPage; page < iovaPage + pages; page++) {
    const pinned = yield* pinOne(iommu, page, prot);
    if (isErrno(pinned)) {
      for (let done = iovaPage; done < page; done++) yield* unpinOne(iommu, done);
      return pinned;
    }
    physical.push(pinned);
  }
  yield* narrowScope(iommu, group);
  return physical;
}

/** A group that pins says so what it dirties. */
function* narrowScope(iommu: VfioIommu, group: IommuGroup): Op<void> {
  const member = yield* vfioIommuFindIommuGroup(iommu, group);
  if (member === null || (yield* member.pinnedScope.load())) return;
  yield* member.pinnedScope.store(true);
  yield* iommu.nonPinnedGroups.store((yield* iommu.nonPinnedGroups.load()) - 1);
}

function* pinOne(iommu: VfioIommu, page: number, prot: number): Op<number | Errno> {
  const dma = yield* vfioFindDma(iommu, page, 1);
  if (dma === null) return 'EINVAL';
  if ((dma.prot & prot) !== prot) return 'EPERM';
  const known = yield* iommu.externalPins.read((tree) => tree.at(page));
  if (known !== undefined) {
    yield* setPin(iommu, page, known, { ...known, references: known.references + 1 });
    return known.physicalPage;
  }
  const physicalPage = yield* vfioPinPageExternal(dma, page);
  if (isErrno(physicalPage)) return physicalPage;
  yield* setPin(iommu, page, undefined, { physicalPage, references: 1 });
  yield* markDirty(iommu, page);
  return physicalPage;
}

/** `@kernel vfio_pin_page_external` */
const vfioPinPageExternal = kernelFunction(
  'vfio_pin_page_external',
  function* vfioPinPageExternal(dma: VfioDma, page: number): Op<number | Errno> {
    const { mm } = (yield* dma.state.load()).owner;
    if (!(yield* mm.getUnlessDead())) return 'ENODEV';
    const physicalPage = yield* pinAndCharge(dma, page);
    yield* mm.put();
    return physicalPage;
  },
);

function* pinAndCharge(dma: VfioDma, page: number): Op<number | Errno> {
  const { iommu } = dma;
  const physicalPage = yield* pinOnePage(dma, page);
  if (isErrno(physicalPage)) return physicalPage;
  if (!iommu.kernel.machine.memory.isRam(physicalPage)) return 'EINVAL';
  const charges = (yield* iommu.domains.load()).length === 0;
  const error = charges ? yield* vfioLockAcct(dma, 1) : 0;
  if (error === 0) return physicalPage;
  yield* unpinStep(dma, physicalPage, 1);
  return error;
}

function* setPin(
  iommu: VfioIommu,
  page: number,
  before: ExternalPin | undefined,
  after: ExternalPin | undefined,
): Op<void> {
  yield* iommu.externalPins.change({
    apply: (tree) => (after === undefined ? tree.delete(page) : tree.set(page, after)),
    undo: (tree) => (before === undefined ? tree.delete(page) : tree.set(page, before)),
  });
}

/** Drops one reference on each page. A page that is not pinned, or not mapped, is a warning. */
export const vfioIommuType1UnpinPages = kernelFunction(
  'vfio_iommu_type1_unpin_pages',
  function* vfioIommuType1UnpinPages(iommu: VfioIommu, iovaPage: number, pages: number): Op<void> {
    if (!iommu.v2) {
      iommu.kernel.warn('vfio_iommu_type1_unpin_pages');
      return;
    }
    yield* iommu.lock.lock();
    let page = iovaPage;
    while (page < iovaPage + pages && (yield* unpinOne(iommu, page))) page++;
    if (page !== iovaPage + pages) iommu.kernel.warn('vfio_iommu_type1_unpin_pages');
    yield* iommu.lock.unlock();
  },
);

/** False where nothing is mapped. `@kernel vfio_unpin_page_external` */
function* unpinOne(iommu: VfioIommu, page: number): Op<boolean> {
  const dma = yield* vfioFindDma(iommu, page, 1);
  if (dma === null) return false;
  const known = yield* iommu.externalPins.read((tree) => tree.at(page));
  if (known === undefined) return true;
  if (known.references > 1) {
    yield* setPin(iommu, page, known, { ...known, references: known.references - 1 });
    return true;
  }
  yield* setPin(iommu, page, known, undefined);
  yield* unpinStep(dma, known.physicalPage, 1);
  if ((yield* iommu.domains.load()).length === 0) yield* vfioLockAcct(dma, -1);
  return true;
}
