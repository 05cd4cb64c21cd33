/**
 * IOMMU groups. A reference to a group keeps its memory and its id; it never freezes who is a member. The whole
 * argument of the thread comes down to this. `@kernel struct iommu_group`
 */
import { Cell, KernelObject, ListCell, Mutex, Refcount } from '@iommu-lab/explorer';
import type { DmaOwner } from './contract';
import type { Device } from './device';
import type { IommuDomain } from './domain';
import type { DomainChange } from './domain-change';
import type { Kernel } from './kernel';

export class IommuGroup extends KernelObject {
  readonly mutex: Mutex;
  /** One for each member and one for each holder. */
  readonly refs: Refcount;
  readonly devices: ListCell<Device>;
  readonly domain: Cell<IommuDomain | null>;
  readonly defaultDomain: Cell<IommuDomain | null>;
  readonly blockingDomain: Cell<IommuDomain | null>;
  /** Uses of the group's DMA: drivers on the default domain (owner null) or claims of one owner. */
  readonly ownerCount: Cell<number>;
  readonly owner: Cell<DmaOwner | null>;
  /** The move between domains that a design is at, null while there is none. Ghost state for checks. */
  readonly change: Cell<DomainChange | null>;

  constructor(
    readonly kernel: Kernel,
    /** Its number, as in /sys/kernel/iommu_groups. */
    readonly id: number,
  ) {
    super(kernel.world, 'iommu_group', String(id));
    this.mutex = new Mutex(this, 'mutex', 'iommu_group.mutex');
    this.refs = new Refcount(this, 'kobj', 1);
    this.devices = new ListCell<Device>(this, 'devices', this.mutex);
    this.domain = new Cell<IommuDomain | null>(this, 'domain', null, this.mutex);
    this.defaultDomain = new Cell<IommuDomain | null>(this, 'default_domain', null, this.mutex);
    this.blockingDomain = new Cell<IommuDomain | null>(this, 'blocking_domain', null, this.mutex);
    this.ownerCount = new Cell(this, 'owner_cnt', 0, this.mutex);
    this.owner = new Cell<DmaOwner | null>(this, 'owner', null, this.mutex);
    this.change = new Cell<DomainChange | null>(this, 'change', null);
  }
}
