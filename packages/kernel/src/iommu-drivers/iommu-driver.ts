/**
 * What the common IOMMU core asks of a driver. Only a driver programs a unit; a domain's page table is written by the
 * core's map and unmap. `@kernel struct iommu_ops`, `struct iommu_domain_ops`
 */
import type { Op } from '@iommu-lab/explorer';
import type { Capability } from '../capability';
import type { Device } from '../device';
import type { IommuDomain } from '../domain';
import type { Errno } from '../errno';
import type { IommuInstance } from '../iommu-instance';

/** A range of iovas with a meaning of its own. Bounds are inclusive byte addresses. */
export interface ReservedRegion {
  readonly first: bigint;
  readonly last: bigint;
  readonly type: 'direct' | 'direct-relaxable' | 'reserved' | 'msi';
}

export interface IommuDriver {
  readonly name: string;
  capable(instance: IommuInstance, device: Device | null, capability: Capability): Op<boolean>;
  /** The answer for what the domain is attached behind. `@kernel enforce_cache_coherency` */
  domainCapable(domain: IommuDomain, capability: Capability): Op<boolean>;
  /** Takes a device up. 0, or ENODEV where this IOMMU does not translate for it. */
  probeDevice(instance: IommuInstance, device: Device): Op<0 | Errno>;
  /** Lets a device go: its entries are cleared whatever the group thinks. */
  releaseDevice(instance: IommuInstance, device: Device): Op<void>;
  /** Without a device a domain takes its geometry from its first attach. ENOMEM. */
  allocPaging(
    instance: IommuInstance,
    device: Device | null,
    type: 'DMA' | 'UNMANAGED',
  ): Op<IommuDomain | Errno>;
  /** A domain that refuses all DMA, or null where the driver has none (the core then uses an empty paging domain). */
  blockedDomain(instance: IommuInstance): IommuDomain | null;
  identityDomain(instance: IommuInstance): IommuDomain | null;
  /**
   * Points the device's entries at the domain and notes it in `device.attachedDomain`. EINVAL (incompatible, try another),
   * ENOMEM, ENOSPC. Precondition: the group's mutex is held.
   */
  attach(instance: IommuInstance, domain: IommuDomain, device: Device): Op<0 | Errno>;
  /** Takes the device off whatever it is on: its DMA is refused afterwards. Only the kernels up to 6.2 ask. `@kernel detach_dev` */
  detach(instance: IommuInstance, device: Device): Op<void>;
  /** The core has attached a device that it is still probing; only hot-add up to 5.18 says so. */
  attachedInProbe(instance: IommuInstance, device: Device): Op<void>;
  reservedRegions(instance: IommuInstance, device: Device): readonly ReservedRegion[];
  /** Entries have been made for the pages: what units may have cached of their absence goes. `@kernel iotlb_sync_map` */
  syncMap(domain: IommuDomain, iovaPage: number, pages: number): Op<void>;
  /**
   * Entries of the pages have been cleared: what units have cached of them goes. `leafOnly`: no table has become empty;
   * otherwise what is cached of tables goes too, for they are freed next. `@kernel iotlb_sync`
   */
  sync(domain: IommuDomain, iovaPage: number, pages: number, leafOnly: boolean): Op<void>;
  /** Frees what the driver keeps for the domain. */
  freeDomain(domain: IommuDomain): Op<void>;
}
