/**
 * VFIO in one kernel: its global lock and lists, the design it runs over, and what all its parts share.
 * `@kernel struct vfio`, `drivers/vfio/vfio_main.c`
 */
import { ListCell, Mutex, StructureCell, type World } from '@iommu-lab/explorer';
import {
  type Device,
  type DomainPort,
  type Kernel,
  Module,
  notingChanges,
  type OwnershipPort,
  type Variant,
} from '@iommu-lab/kernel';
import type { BackendType } from './backend';
import { DeviceSets } from './device/device-set';
import type { VfioPciDevice } from './device/pci/vfio-pci-device';
import { type VfioEra, vfioEra } from './era';
import type { VfioGroup } from './group/vfio-group';
import { PciHardware } from './pci/hardware';
import { PageReferences } from './task/page-references';

export class VfioKernel {
  readonly world: World;
  readonly era: VfioEra;
  // biome-ignore lint/suspicious/noExplicitAny: a handle's type is the design's own business
  readonly domainPort: DomainPort<any>;
  readonly ownership: OwnershipPort;
  readonly pages: PageReferences;
  readonly hardware: PciHardware;
  readonly deviceSets: DeviceSets;
  /** vfio.group_lock: guards the list of groups. */
  readonly groupLock: Mutex;
  readonly groups: ListCell<VfioGroup>;
  /** Guards which group file a number in /dev/vfio leads to. `@kernel chrdevs_lock` */
  readonly characterLock: Mutex;
  readonly characterDevices: ListCell<VfioGroup>;
  /** vfio.iommu_drivers_lock: guards the list of backends. */
  readonly backendsLock: Mutex;
  /** The module of the vfio-pci driver: an open device keeps it loaded. */
  readonly pciModule: Module;
  /** What vfio-pci has made of the devices that are bound to it. `@kernel dev_get_drvdata` */
  readonly pciDevices: StructureCell<Map<Device, VfioPciDevice>>;

  /** @throws TypeError for a variant without a domain port: the type1 frontend cannot use it. */
  constructor(
    readonly kernel: Kernel,
    readonly variant: Variant,
    /** In the order of CHECK_EXTENSION's and SET_IOMMU's questions. */
    readonly backends: readonly BackendType[],
  ) {
    const { domain, ownership } = variant.ports;
    if (domain === undefined) throw new TypeError(`variant ${variant.id} has no domain port`);
    this.world = kernel.world;
    this.era = vfioEra(kernel.era.id);
    this.domainPort = notingChanges(domain);
    this.ownership = ownership;
    this.pages = new PageReferences(kernel);
    this.hardware = new PciHardware(kernel);
    this.deviceSets = new DeviceSets(kernel.world);
    this.groupLock = new Mutex(kernel.world, 'vfio.group_lock');
    this.groups = new ListCell<VfioGroup>(kernel.world, 'vfio.group_list', this.groupLock);
    this.characterLock = new Mutex(kernel.world, 'chrdevs_lock');
    this.characterDevices = new ListCell<VfioGroup>(kernel.world, 'chrdevs', this.characterLock);
    this.backendsLock = new Mutex(kernel.world, 'vfio.iommu_drivers_lock');
    this.pciDevices = new StructureCell(kernel.world, 'driver_data', new Map<Device, VfioPciDevice>());
    this.pciModule = new Module(kernel, 'vfio-pci', !kernel.config.modules.includes('vfio-pci'));
  }
}
