/** Containers: the groups that share one IOMMU backend and its mappings. `@kernel struct vfio_container` */
import { Cell, KernelObject, ListCell, type Op, Refcount, RwSemaphore } from '@iommu-lab/explorer';
import type { Backend } from '../backend';
import type { VfioGroup } from '../group/vfio-group';
import type { VfioKernel } from '../vfio-kernel';

export class VfioContainer extends KernelObject {
  /** The open file, and each group in it. */
  readonly refs: Refcount;
  readonly groupLock: RwSemaphore;
  /** Newest first. */
  readonly groups: ListCell<VfioGroup>;
  /** Set by SET_IOMMU, cleared when the last group leaves. */
  readonly backend: Cell<Backend | null>;

  constructor(readonly system: VfioKernel) {
    super(system.world, 'vfio_container');
    this.refs = new Refcount(this, 'kref', 1);
    this.groupLock = new RwSemaphore(this, 'group_lock', 'vfio_container.group_lock');
    this.groups = new ListCell<VfioGroup>(this, 'group_list', this.groupLock);
    this.backend = new Cell<Backend | null>(this, 'iommu_driver', null, this.groupLock);
  }

  /** Drops a reference; the last one frees the container. `@kernel vfio_container_put` */
  *put(): Op<void> {
    if (yield* this.refs.put()) yield* this.free();
  }
}
