/**
 * One booted kernel on one machine: buses, devices, groups, IOMMUs and the era's functions.
 * All state belongs to this object; two kernels never share anything.
 */
import { createMachine, type Machine, type PciTopology } from '@iommu-lab/core';
import {
  AccessKind,
  AppendOnlyLog,
  type CallResult,
  Cell,
  ListCell,
  Mutex,
  type Op,
  World,
} from '@iommu-lab/explorer';
import { Bus, Module } from './bus';
import type { KernelConfig } from './config';
import type { Device } from './device';
import { addDevice } from './driver-core/add-device';
import type { DeviceDriver } from './driver-core/device-driver';
import { type EraFunctions, eraFunctions } from './era';
import type { IommuGroup } from './group';
import { GroupNumbers } from './group-numbers';
import { HardwareLocations } from './hw/locations';
import { MachineState } from './hw/machine-state';
import type { Injection } from './inject';
import { registerInvariants } from './invariants';
import type { GroupListener } from './iommu-core/group-listeners';
import { intelDriver } from './iommu-drivers/intel/driver';
import { enableUnit } from './iommu-drivers/intel/enable';
import { IntelIommu } from './iommu-drivers/intel/iommu';
import { iommuDeviceRegister } from './lifetimes';
import { Traffic } from './traffic/traffic';

export class Kernel {
  readonly world = new World();
  readonly machine: Machine;
  /** The machine as part of the world. */
  readonly machineState: MachineState;
  readonly era: EraFunctions;
  readonly locations: HardwareLocations;
  /** Devices that do DMA by themselves. */
  readonly traffic: Traffic;
  readonly groupNumbers: GroupNumbers;
  readonly pciBus: Bus;
  /** The machine's IOMMU as registered, or null on a machine without one. */
  readonly iommu: IntelIommu | null;
  /** Serialises sysfs removal and rescan. `@kernel pci_rescan_remove_lock` */
  readonly rescanLock: Mutex;
  /** `@kernel iommu_probe_device_lock` */
  readonly probeLock: Mutex;
  /** Who listens to what becomes of groups; only up to 5.18. */
  readonly groupListeners: ListCell<GroupListener>;
  readonly injections: Cell<readonly Injection[]>;
  /** Functions that logged a warning, in order. */
  readonly warnings: AppendOnlyLog<string>;
  /** What an IOMMU driver of this kernel has done wrong by itself, in order: whatever follows from it is not the core's. */
  readonly driverFaults: AppendOnlyLog<string>;
  /** The device of each function of the machine, null while it has none, in the order of a scan. */
  readonly deviceSlots: readonly Cell<Device | null>[];
  #booted = false;
  readonly #slots = new Map<string, Cell<Device | null>>();
  readonly #drivers = new Map<string, DeviceDriver>();
  readonly #parameters: Cell<Readonly<Record<string, string | number>>>;

  constructor(readonly config: KernelConfig) {
    this.machine = createMachine(config.machine);
    this.era = eraFunctions(config.era);
    this.world.functionSuffix = `@${config.era}`;
    this.locations = new HardwareLocations(this.world);
    this.machineState = new MachineState(this.machine, this.world, this.locations);
    this.traffic = new Traffic(this);
    this.groupNumbers = new GroupNumbers(this.world, config.groups);
    this.rescanLock = new Mutex(this.world, 'pci_rescan_remove_lock');
    this.probeLock = new Mutex(this.world, 'iommu_probe_device_lock');
    this.groupListeners = new ListCell<GroupListener>(this.world, 'group_listeners');
    this.injections = new Cell<readonly Injection[]>(this.world, 'injections', []);
    this.warnings = new AppendOnlyLog<string>(this.world, 'warnings');
    this.driverFaults = new AppendOnlyLog<string>(this.world, 'driver_faults');
    this.deviceSlots = this.machine.pci.all.map(({ address, description }) => {
      const slot = new Cell<Device | null>(this.world, `device ${address}`, null);
      if (description.name !== undefined) this.#slots.set(description.name, slot);
      this.#slots.set(address, slot);
      return slot;
    });
    this.#parameters = new Cell(this.world, 'parameters', config.moduleParameters);
    this.pciBus = new Bus(this, 'pci', this.#module('pci'));
    const unit = this.machine.unit;
    this.iommu =
      unit === null
        ? null
        : new IntelIommu(this, 'dmar0', intelDriver, unit, this.machine, this.#module('intel-iommu'));
    registerInvariants(this);
    this.#boot();
    this.#booted = true;
  }

  /** False while the first devices are found: a bus is probed as a whole then, and groups are attached afterwards. */
  get booted(): boolean {
    return this.#booted;
  }

  /** Runs kernel code on behalf of `task`; see `World.call`. */
  call<T>(name: string, body: () => Op<T>, task: unknown = null): CallResult<T> {
    return this.world.call(name, body, task);
  }

  /** Registers a device driver by its name. A name can be registered once. */
  registerDriver(driver: DeviceDriver): void {
    this.#drivers.set(driver.name, driver);
  }

  findDriver(name: string): DeviceDriver | null {
    return this.#drivers.get(name) ?? null;
  }

  /** Where the device at an address, or with a label of the profile, stands; null where the machine has no such function. */
  deviceSlot(name: string): Cell<Device | null> | null {
    return this.#slots.get(name) ?? null;
  }

  /** The device at an address, or with a label of the profile, as part of the running step. It takes no reference. */
  findDevice(name: string): Device | null {
    return this.deviceSlot(name)?.readInStep() ?? null;
  }

  /** All devices that are there, in the order of a scan. For inspection from outside of the execution. */
  devices(): readonly Device[] {
    return this.deviceSlots.map((slot) => slot.value).filter((device) => device !== null);
  }

  /** All groups that have members. */
  groups(): readonly IommuGroup[] {
    const groups = this.devices().map((device) => device.group.value);
    return [...new Set(groups)].filter((group) => group !== null);
  }

  /** The device can be found from now on, as part of the running step. */
  deviceAdded(device: Device): void {
    this.deviceSlot(device.name)?.writeInStep(device);
  }

  /** The device can no longer be found, as part of the running step. */
  deviceGone(device: Device): void {
    this.deviceSlot(device.name)?.writeInStep(null);
  }

  /** The running step reads of the device model at an address. */
  readsDevice(address: string): void {
    if (this.world.mode !== 'search') return;
    this.world.accessInStep(this.locations.device(address), AccessKind.READ);
  }

  /** The machine's functions, as far as software has them in its tree, as part of the running step. */
  presentFunctions(access: AccessKind): PciTopology {
    this.world.accessInStep(this.locations.presence, access);
    return this.machine.pci;
  }

  /** A module parameter as it is in the running step, or null where there is none of that name. */
  parameter(name: string): string | number | null {
    return this.#parameters.readInStep()[name] ?? null;
  }

  setParameter(name: string, value: string | number): void {
    this.#parameters.writeInStep({ ...this.#parameters.readInStep(), [name]: value });
  }

  /** A warning in the kernel's log (WARN_ON): recorded as part of the running step, nothing else. */
  warn(function_: string): void {
    this.warnings.append(function_);
  }

  #module(name: string): Module {
    return new Module(this, name, !this.config.modules.includes(name));
  }

  #boot(): void {
    const { iommu, machine } = this;
    if (iommu !== null) {
      enableUnit(iommu);
      this.call('boot', () => iommuDeviceRegister(iommu, this.pciBus));
    }
    for (const function_ of machine.pci.functions()) {
      this.call('boot', () => addDevice(this, function_));
    }
  }
}
