/**
 * A dma: what one MAP_DMA made, an iova range and the user memory behind it. It remembers whose memory that is, so
 * that another process with the same container can unmap it. `@kernel struct vfio_dma`
 */
import { Cell, KernelObject } from '@iommu-lab/explorer';
import type { Mm } from '../task/mm';
import type { Task } from '../task/task';
import type { VfioIommu } from './vfio-iommu';

/** Who is charged for pinned pages. The references keep the structures, not the process. */
export interface DmaOwner {
  readonly task: Task;
  readonly mm: Mm;
  /** CAP_IPC_LOCK when the range was mapped: the limit does not bind. */
  readonly capIpcLock: boolean;
}

/** Replaced as a whole by every change. */
export interface DmaState {
  /** Grows chunk by chunk while pages are pinned and mapped. */
  readonly pages: number;
  readonly userPage: number;
  /** User space has announced a new vaddr and not given it yet. */
  readonly vaddrInvalid: boolean;
  /** All pages are pinned and mapped in every domain of the container. */
  readonly iommuMapped: boolean;
  /** Pages charged to the owner. `@kernel dma->locked_vm` */
  readonly lockedPages: number;
  readonly owner: DmaOwner;
  /** The whole range was reported as dirty and has not been read since; single pages are in `iommu.dirtyPages`. */
  readonly allDirty: boolean;
}

export class VfioDma extends KernelObject {
  readonly state: Cell<DmaState>;

  constructor(
    readonly iommu: VfioIommu,
    readonly iovaPage: number,
    /** PROT_READ and PROT_WRITE: what the device may do. */
    readonly prot: number,
    state: DmaState,
  ) {
    super(iommu.world, 'vfio_dma');
    this.state = new Cell<DmaState>(this, 'state', state, iommu.lock);
  }

  /** First page after the range. For use with the container's lock held. */
  get endPage(): number {
    return this.iovaPage + this.state.readInStep().pages;
  }
}
