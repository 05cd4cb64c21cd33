/** Reads and writes of user memory by iova, for emulated devices. `@kernel vfio_iommu_type1_dma_rw` */
import { PROT_READ, PROT_WRITE } from '@iommu-lab/core';
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { currentTask } from './current-task';
import { markDirty } from './dirty';
import type { VfioDma } from './dma';
import { vfioFindDma } from './dma-tree';
import type { VfioIommu } from './vfio-iommu';

/**
 * Moves `data.length` bytes between `data` and the memory behind `iova`, dma by dma; what was moved before an error
 * stays moved. EBUSY: a vaddr is invalid. EINVAL: nothing mapped. EPERM: the mapping forbids it (a write needs read
 * too), or the process is gone. EFAULT: another process's memory, or none.
 */
export const vfioIommuType1DmaRw = kernelFunction(
  'vfio_iommu_type1_dma_rw',
  function* vfioIommuType1DmaRw(
    iommu: VfioIommu,
    iova: bigint,
    data: Uint8Array,
    write: boolean,
  ): Op<0 | Errno> {
    yield* iommu.lock.lock();
    const error = yield* moveLocked(iommu, iova, data, write);
    yield* iommu.lock.unlock();
    return error;
  },
);

function* moveLocked(iommu: VfioIommu, iova: bigint, data: Uint8Array, write: boolean): Op<0 | Errno> {
  if ((yield* iommu.vaddrInvalidCount.load()) > 0) {
    iommu.kernel.warn('vfio_iommu_type1_dma_rw');
    return 'EBUSY';
  }
  let done = 0;
  while (done < data.length) {
    const at = iova + BigInt(done);
    const dma = yield* vfioFindDma(iommu, Number(at >> 12n), 1);
    if (dma === null) return 'EINVAL';
    const left = Number((BigInt(dma.endPage) << 12n) - at);
    const piece = data.subarray(done, Math.min(data.length, done + left));
    const error = yield* moveChunk(dma, at, piece, write);
    if (error !== 0) return error;
    done += piece.length;
  }
  return 0;
}

/** One dma's part. `@kernel vfio_iommu_type1_dma_rw_chunk` */
function* moveChunk(dma: VfioDma, iova: bigint, piece: Uint8Array, write: boolean): Op<0 | Errno> {
  const { iommu, prot, iovaPage } = dma;
  const { owner, userPage } = yield* dma.state.load();
  if ((prot & PROT_READ) === 0 || (write && (prot & PROT_WRITE) === 0)) return 'EPERM';
  const { mm } = owner;
  if (!(yield* mm.getUnlessDead())) return 'EPERM';
  // A kernel thread borrows the owner's memory; a process has only its own.
  const task = currentTask(iommu.world);
  const vaddr = (BigInt(userPage - iovaPage) << 12n) + iova;
  let moved = task === null || task.mm === mm;
  if (moved) moved = (write ? mm.writeBytes(vaddr, piece) : mm.readBytes(vaddr, piece)) === 0;
  yield* mm.put();
  if (!moved) return 'EFAULT';
  if (!write) return 0;
  const last = Number((iova + BigInt(piece.length) - 1n) >> 12n);
  for (let page = Number(iova >> 12n); page <= last; page++) yield* markDirty(iommu, page);
  return 0;
}
