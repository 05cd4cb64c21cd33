/**
 * MAP_DMA: a new dma, pinned and mapped chunk by chunk. Permission is the device's: `read` is a read by the device.
 * `@kernel vfio_dma_do_map, vfio_pin_map_dma, vfio_iommu_map`
 */
import { PROT_CACHE, PROT_READ, PROT_WRITE } from '@iommu-lab/core';
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, iommuMap, iommuUnmap, isErrno } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import { vfioChangeDmaOwner } from './accounting';
import { dirtyBitmapFits } from './dirty';
import { VfioDma } from './dma';
import { vfioFindDma, vfioLinkDma } from './dma-tree';
import { rangesContain } from './iova-ranges';
import { smallestPageBytes } from './page-sizes';
import { vfioPinPagesRemote, vfioUnpinPagesRemote } from './pin';
import { vfioRemoveDma } from './remove-dma';
import { MAP_FLAG_READ, MAP_FLAG_VADDR, MAP_FLAG_WRITE } from './uapi';
import type { VfioIommu } from './vfio-iommu';

/** VFIO_IOMMU_MAP_DMA as user space filled it in, its flags known to be known. */
export interface MapRequest {
  readonly flags: number;
  readonly vaddr: bigint;
  readonly iova: bigint;
  readonly sizeBytes: bigint;
}

/**
 * Maps, or with the VADDR flag gives an invalidated dma its new vaddr. The checks come in the kernel's order.
 * EINVAL: flags, alignment, wrap-around (by era), outside of the valid ranges. EEXIST: overlap. ENOENT: VADDR and
 * nothing there. ENOSPC: entry limit. EFAULT, ENOMEM, EINTR: pinning. Otherwise the errno of iommu_map. A failed map
 * leaves nothing behind.
 */
export const vfioDmaDoMap = kernelFunction(
  'vfio_dma_do_map',
  function* vfioDmaDoMap(iommu: VfioIommu, task: Task, request: MapRequest): Op<0 | Errno> {
    const setVaddr = (request.flags & MAP_FLAG_VADDR) !== 0;
    const prot = protOf(request.flags);
    if ((prot !== 0) === setVaddr) return 'EINVAL';
    yield* iommu.lock.lock();
    let error = yield* checkRange(iommu, request);
    if (error === 0) {
      error = setVaddr ? yield* updateVaddr(iommu, task, request) : yield* mapNew(iommu, task, request, prot);
    }
    yield* iommu.lock.unlock();
    return error;
  },
);

function protOf(flags: number): number {
  const read = (flags & MAP_FLAG_READ) === 0 ? 0 : PROT_READ;
  const write = (flags & MAP_FLAG_WRITE) === 0 ? 0 : PROT_WRITE;
  return read | write;
}

function* checkRange(iommu: VfioIommu, request: MapRequest): Op<0 | Errno> {
  const granule = smallestPageBytes(yield* iommu.pageSizes.load());
  return iommu.system.era.type1.addressLimit.checkMap(request, granule);
}

function* updateVaddr(iommu: VfioIommu, task: Task, request: MapRequest): Op<0 | Errno> {
  const iovaPage = Number(request.iova >> 12n);
  const pages = Number(request.sizeBytes >> 12n);
  const dma = yield* vfioFindDma(iommu, iovaPage, pages);
  if (dma === null) return 'ENOENT';
  const state = yield* dma.state.load();
  if (!state.vaddrInvalid || dma.iovaPage !== iovaPage || state.pages !== pages) return 'EINVAL';
  const error = yield* vfioChangeDmaOwner(dma, task);
  if (error !== 0) return error;
  const userPage = Number(request.vaddr >> 12n);
  yield* dma.state.store({ ...(yield* dma.state.load()), userPage, vaddrInvalid: false });
  yield* iommu.vaddrInvalidCount.store((yield* iommu.vaddrInvalidCount.load()) - 1);
  return 0;
}

function* mapNew(iommu: VfioIommu, task: Task, request: MapRequest, prot: number): Op<0 | Errno> {
  const { iova, sizeBytes } = request;
  const iovaPage = Number(iova >> 12n);
  const pages = Number(sizeBytes >> 12n);
  if ((yield* vfioFindDma(iommu, iovaPage, pages)) !== null) return 'EEXIST';
  const avail = yield* iommu.dmaAvail.load();
  if (avail === 0) return 'ENOSPC';
  const valid = rangesContain(yield* iommu.iovaRanges.load(), iova, iova + sizeBytes - 1n);
  if (!valid) return 'EINVAL';
  yield* iommu.dmaAvail.store(avail - 1);
  const hasDomain = (yield* iommu.domains.load()).length > 0;
  const dma = new VfioDma(iommu, iovaPage, prot, {
    pages: hasDomain ? 0 : pages,
    userPage: Number(request.vaddr >> 12n),
    vaddrInvalid: false,
    iommuMapped: false,
    lockedPages: 0,
    owner: { task, mm: task.mm, capIpcLock: task.capIpcLock },
    allDirty: false,
  });
  yield* task.mm.grab();
  yield* vfioLinkDma(iommu, dma);
  // Without a domain the dma is only noted: it is pinned when a group with an IOMMU joins.
  const error = hasDomain ? yield* vfioPinMapDma(dma, task, pages) : 0;
  if (error !== 0) return error;
  if ((yield* iommu.dirtyTracking.load()) && !(yield* dirtyBitmapFits(dma))) {
    yield* vfioRemoveDma(dma);
    return 'EINVAL';
  }
  return 0;
}

/** Pins and maps run by run; the dma grows with each. After an error the dma is gone. */
const vfioPinMapDma = kernelFunction(
  'vfio_pin_map_dma',
  function* vfioPinMapDma(dma: VfioDma, task: Task, pages: number): Op<0 | Errno> {
    let error: 0 | Errno = 0;
    for (let done = 0; done < pages && error === 0; ) {
      const iovaPage = dma.iovaPage + done;
      const run = yield* vfioPinPagesRemote(dma, iovaPage, pages - done, task);
      if (isErrno(run)) {
        error = run;
        break;
      }
      error = yield* vfioIommuMap(dma.iommu, iovaPage, run.physicalPage, run.pages, dma.prot);
      if (error === 0) {
        done += run.pages;
        const iommuMapped = done === pages;
        yield* dma.state.store({ ...(yield* dma.state.load()), pages: done, iommuMapped });
      } else {
        yield* vfioUnpinPagesRemote(dma, iovaPage, run.physicalPage, run.pages, true);
      }
    }
    if (error !== 0) yield* vfioRemoveDma(dma);
    return error;
  },
);

/** Maps a run in every domain; after an error the domains before the failing one are unmapped again. */
function* vfioIommuMap(
  iommu: VfioIommu,
  iovaPage: number,
  physicalPage: number,
  pages: number,
  prot: number,
): Op<0 | Errno> {
  const domains = yield* iommu.domains.load();
  for (const [index, { domain }] of domains.entries()) {
    const error = yield* iommuMap(domain, iovaPage, physicalPage, pages, prot | PROT_CACHE);
    if (error === 0) continue;
    for (const mapped of domains.slice(0, index).reverse()) yield* iommuUnmap(mapped.domain, iovaPage, pages);
    return error;
  }
  return 0;
}
