/**
 * Domains: one address space of an IOMMU. A domain has no reference count and keeps neither group nor module;
 * its creator frees it. Freeing it while a device is attached is a caller's mistake that no kernel checks.
 * `@kernel struct iommu_domain`
 */
import type { PageTable } from '@iommu-lab/core';
import { Cell, KernelObject } from '@iommu-lab/explorer';
import type { Device } from './device';
import type { IommuGroup } from './group';
import type { IommuDriver } from './iommu-drivers/iommu-driver';
import type { Kernel } from './kernel';

export type DomainType = 'UNMANAGED' | 'DMA' | 'IDENTITY' | 'BLOCKED';

/** What a domain can translate; null until a domain without a device is first attached. */
export interface Geometry {
  readonly table: PageTable;
  /** Bit n set: pages of 2^n bytes. */
  readonly pageSizes: bigint;
  readonly apertureFirst: bigint;
  readonly apertureLast: bigint;
}

export class IommuDomain extends KernelObject {
  /** The device that it was made for, and the group that this was a member of then. Ghost state for checks. */
  madeFor: { readonly device: Device; readonly group: IommuGroup | null } | null = null;
  /** The kernel module that made it for itself; null for a domain of the core's or of a group's owner. Ghost state for checks. */
  module: string | null = null;
  readonly geometry: Cell<Geometry | null>;
  /** The tag of its entries in the IOMMU's caches; 0 while no device is attached. */
  readonly hardwareId: Cell<number>;
  /** Attachments on which `hardwareId` stands. */
  readonly attachments: Cell<number>;
  readonly enforceCacheCoherency: Cell<boolean>;
  /** Stands for the tables that wait for a flush before they are freed. */
  readonly gatherLocation: number;

  constructor(
    readonly kernel: Kernel,
    readonly type: DomainType,
    /** The driver that made it; a device of another driver cannot use it. */
    readonly driver: IommuDriver,
    geometry: Geometry | null,
    name?: string,
  ) {
    super(kernel.world, 'iommu_domain', name);
    this.geometry = new Cell<Geometry | null>(this, 'geometry', geometry);
    this.hardwareId = new Cell(this, 'did', 0);
    this.attachments = new Cell(this, 'iommu_refcnt', 0);
    this.enforceCacheCoherency = new Cell(this, 'enforce_cache_coherency', false);
    this.gatherLocation = kernel.world.newLocation();
  }
}
