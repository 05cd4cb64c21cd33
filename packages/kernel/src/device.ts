/** A device of the driver core, as far as VFIO and the IOMMU core look at it. `@kernel struct device` */
import type { PciFunction } from '@iommu-lab/core';
import { Cell, KernelObject, Mutex, Refcount } from '@iommu-lab/explorer';
import type { Bus } from './bus';
import type { IommuDomain } from './domain';
import type { DeviceDriver } from './driver-core/device-driver';
import type { IommuGroup } from './group';
import type { IommuInstance } from './iommu-instance';
import type { Kernel } from './kernel';

/** `present`, `removing` from the start of device_del, `released` when the IOMMU core has let go of it. */
export type DeviceState = 'present' | 'removing' | 'released';

/** What an IOMMU driver keeps for a device that it has taken up. `@kernel struct device_domain_info` */
export class DriverData extends KernelObject {
  /** The domain that the driver last attached: what its hardware structures say. */
  readonly domain: Cell<IommuDomain | null>;

  constructor(kernel: Kernel, device: string) {
    super(kernel.world, 'device_domain_info', device);
    this.domain = new Cell<IommuDomain | null>(this, 'domain', null);
  }
}

export class Device extends KernelObject {
  /** dev->mutex: held over probe and remove of a driver. */
  readonly mutex: Mutex;
  readonly driver: Cell<DeviceDriver | null>;
  /** dev->iommu: which IOMMU translates for it; null before probe and after release. */
  readonly iommu: Cell<IommuInstance | null>;
  /** dev->iommu_group. */
  readonly group: Cell<IommuGroup | null>;
  readonly refs: Refcount;
  readonly state: Cell<DeviceState>;
  /** The group that it joined when it was added. Ghost state for checks: it keeps it when it has left. */
  home: IommuGroup | null = null;
  /** Freed when the driver lets the device go. */
  readonly driverData: DriverData;
  /** The domain in the driver's data: what the hardware has the device on. */
  readonly attachedDomain: Cell<IommuDomain | null>;

  constructor(
    readonly kernel: Kernel,
    readonly bus: Bus,
    /** Its address on the bus, e.g. `0000:04:01.0`. */
    readonly name: string,
    readonly function_: PciFunction,
  ) {
    super(kernel.world, 'device', name);
    this.mutex = new Mutex(this, 'mutex', 'device.mutex');
    // @kernel device_initialize: the kernel's validator does not look at these.
    this.mutex.setNovalidateClass();
    this.driver = new Cell<DeviceDriver | null>(this, 'driver', null, this.mutex);
    this.iommu = new Cell<IommuInstance | null>(this, 'iommu', null);
    this.group = new Cell<IommuGroup | null>(this, 'iommu_group', null);
    this.refs = new Refcount(this, 'kref', 1);
    this.state = new Cell<DeviceState>(this, 'state', 'present');
    this.driverData = new DriverData(kernel, name);
    this.attachedDomain = this.driverData.domain;
  }
}
