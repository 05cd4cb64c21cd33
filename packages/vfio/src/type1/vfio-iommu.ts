/**
 * The state of one container's type1 backend. All of it is guarded by `lock`, except the list of emulated devices,
 * whose walkers must not hold that lock. Leaves out the eventfd waits of kernels before 6.2.
 * `@kernel struct vfio_iommu, struct vfio_domain, struct vfio_iommu_group`
 */
import { Cell, type Guard, KernelObject, ListCell, Mutex, StructureCell } from '@iommu-lab/explorer';
import type { IommuDomain, IommuGroup, Kernel, Target } from '@iommu-lab/kernel';
import type { VfioKernel } from '../vfio-kernel';
import type { VfioDma } from './dma';
import type { EmulatedDevice } from './emulated-device';
import type { IovaRange } from './iova-ranges';
import { PageTree } from './page-tree';

/** Page sizes of a container without a domain: everything from 4 KiB on. `@kernel PAGE_MASK` */
export const ALL_PAGE_SIZES = 0xfffffffffffff000n;

/** A page that an emulated device has pinned. */
export interface ExternalPin {
  readonly physicalPage: number;
  readonly references: number;
}

/** A group in the container. Its memory may be dirtied behind the CPU's back unless it only writes pinned pages. */
export class VfioIommuGroup extends KernelObject {
  /** The group dirties only what it has pinned. `@kernel pinned_page_dirty_scope` */
  readonly pinnedScope: Cell<boolean>;

  constructor(
    iommu: VfioIommu,
    readonly group: IommuGroup,
    /** How it was attached; null for a group of emulated devices. */
    readonly target: Target | null,
  ) {
    super(iommu.world, 'vfio_iommu_group');
    this.pinnedScope = new Cell(this, 'pinned_page_dirty_scope', target === null, iommu.lock);
  }
}

/** One IOMMU domain of the container and the groups on it. */
export class VfioDomain extends KernelObject {
  readonly groups: ListCell<VfioIommuGroup>;

  constructor(
    iommu: VfioIommu,
    readonly domain: IommuDomain,
    readonly enforceCacheCoherency: boolean,
    /** Unmapping part of a large page takes the whole: contiguous runs need not be looked for. `@kernel fgsp` */
    readonly fineGrainedSuperpages: boolean,
  ) {
    super(iommu.world, 'vfio_domain');
    this.groups = new ListCell<VfioIommuGroup>(this, 'group_list', iommu.lock);
  }
}

/** The device list changes with both locks held, so that it can be tested under one and walked under the other. */
function eitherLock(first: Mutex, second: Mutex): Guard {
  return {
    label: `${first.label} and ${second.label}`,
    permits: (fiber, writing) =>
      writing ? first.permits(fiber) && second.permits(fiber) : first.permits(fiber) || second.permits(fiber),
  };
}

export class VfioIommu extends KernelObject {
  readonly kernel: Kernel;
  readonly lock: Mutex;
  /** Newest first. The first one is where physical pages are looked up. */
  readonly domains: ListCell<VfioDomain>;
  readonly emulatedGroups: ListCell<VfioIommuGroup>;
  readonly dmas: StructureCell<PageTree<VfioDma>>;
  /** Pins of emulated devices by iova page. */
  readonly externalPins: StructureCell<PageTree<ExternalPin>>;
  /** Pages marked dirty one by one, by iova page. */
  readonly dirtyPages: StructureCell<PageTree<true>>;
  /** Where MAP_DMA may map; empty: everywhere. */
  readonly iovaRanges: Cell<readonly IovaRange[]>;
  /** Bit n set: pages of 2^n bytes. */
  readonly pageSizes: Cell<bigint>;
  /** MAP_DMAs that may still be made. */
  readonly dmaAvail: Cell<number>;
  readonly vaddrInvalidCount: Cell<number>;
  readonly dirtyTracking: Cell<boolean>;
  /** Groups that may dirty anything that is mapped. */
  readonly nonPinnedGroups: Cell<number>;
  readonly deviceListLock: Mutex;
  readonly devices: ListCell<EmulatedDevice>;

  constructor(
    readonly system: VfioKernel,
    readonly v2: boolean,
    dmaEntryLimit: number,
  ) {
    super(system.world, 'vfio_iommu');
    this.kernel = system.kernel;
    this.lock = new Mutex(this, 'lock', 'vfio_iommu.lock');
    this.deviceListLock = new Mutex(this, 'device_list_lock', 'vfio_iommu.device_list_lock');
    const { lock } = this;
    this.domains = new ListCell<VfioDomain>(this, 'domain_list', lock);
    this.emulatedGroups = new ListCell<VfioIommuGroup>(this, 'emulated_iommu_groups', lock);
    this.dmas = new StructureCell(this, 'dma_list', new PageTree<VfioDma>(), lock);
    this.externalPins = new StructureCell(this, 'pfn_list', new PageTree<ExternalPin>(), lock);
    this.dirtyPages = new StructureCell(this, 'bitmap', new PageTree<true>(), lock);
    this.iovaRanges = new Cell<readonly IovaRange[]>(this, 'iova_list', [], lock);
    this.pageSizes = new Cell(this, 'pgsize_bitmap', ALL_PAGE_SIZES, lock);
    this.dmaAvail = new Cell(this, 'dma_avail', dmaEntryLimit, lock);
    this.vaddrInvalidCount = new Cell(this, 'vaddr_invalid_count', 0, lock);
    this.dirtyTracking = new Cell(this, 'dirty_page_tracking', false, lock);
    this.nonPinnedGroups = new Cell(this, 'num_non_pinned_groups', 0, lock);
    this.devices = new ListCell<EmulatedDevice>(this, 'device_list', eitherLock(lock, this.deviceListLock));
  }
}
