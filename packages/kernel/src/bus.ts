/** Buses and modules: things with a lifetime of their own. The staleness of a bus pointer is part of the argument. */
import { KernelObject, ListCell, Mutex, Refcount } from '@iommu-lab/explorer';
import type { Device } from './device';
import type { IommuInstance } from './iommu-instance';
import type { Kernel } from './kernel';

/** Loadable code with a use count. Built-in modules cannot be unloaded. `@kernel struct module` */
export class Module extends KernelObject {
  /** 1 while loaded; 0 means that unloading has begun. */
  readonly refs: Refcount;

  constructor(
    readonly kernel: Kernel,
    readonly name: string,
    readonly builtIn: boolean,
  ) {
    super(kernel.world, 'module', name);
    this.refs = new Refcount(this, 'refcnt', 1);
  }
}

/** `@kernel struct bus_type` */
export class Bus extends KernelObject {
  readonly lock: Mutex;
  readonly devices: ListCell<Device>;
  /** IOMMUs whose drivers serve this bus, in order of registration. */
  readonly iommus: ListCell<IommuInstance>;

  constructor(
    readonly kernel: Kernel,
    readonly name: string,
    readonly module: Module,
  ) {
    super(kernel.world, 'bus', name);
    this.lock = new Mutex(this, 'klist_devices.k_lock', 'bus.klist_devices');
    this.devices = new ListCell<Device>(this, 'klist_devices', this.lock);
    this.iommus = new ListCell<IommuInstance>(this, 'iommus', this.lock);
  }
}
