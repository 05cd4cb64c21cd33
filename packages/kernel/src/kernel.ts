/**
 * One booted kernel on one machine: buses, devices, groups, IOMMUs and the era's functions.
 * All state belongs to this object; two kernels never share anything.
 */
import { createMachine, type Machine } from '@iommu-lab/core';
import { type CallResult, Cell, Mutex, type Op, StructureCell, World } from '@iommu-lab/explorer';
import { Bus, Module } from './bus';
import type { KernelConfig } from './config';
import type { Device } from './device';
import { addDevice } from './driver-core/add-device';
import type { DeviceDriver } from './driver-core/device-driver';
import { type EraFunctions, eraFunctions } from './era';
import type { IommuGroup } from './group';
import { GroupNumbers } from './group-numbers';
import { HardwareLocations } from './hw/locations';
import type { Injection } from './inject';
import { registerInvariants } from './invariants';
import { intelDriver } from './iommu-drivers/intel/driver';
import { enableUnit } from './iommu-drivers/intel/enable';
import { IntelIommu } from './iommu-drivers/intel/iommu';
import { iommuDeviceRegister } from './lifetimes';

export class Kernel {
  readonly world = new World();
  readonly machine: Machine;
  readonly era: EraFunctions;
  readonly locations: HardwareLocations;
  readonly groupNumbers: GroupNumbers;
  readonly pciBus: Bus;
  /** The machine's IOMMU as registered, or null on a machine without one. */
  readonly iommu: IntelIommu | null;
  /** Serialises sysfs removal and rescan. `@kernel pci_rescan_remove_lock` */
  readonly rescanLock: Mutex;
  /** `@kernel iommu_probe_device_lock` */
  readonly probeLock: Mutex;
  readonly injections: Cell<readonly Injection[]>;
  /** Functions that logged a warning, in order. */
  readonly warnings: Cell<readonly string[]>;
  readonly #devices: StructureCell<Map<string, Device>>;
  readonly #drivers = new Map<string, DeviceDriver>();
  readonly #parameters: Cell<Readonly<Record<string, string | number>>>;

  constructor(readonly config: KernelConfig) {
    this.machine = createMachine(config.machine);
    this.era = eraFunctions(config.era);
    this.world.functionSuffix = `@${config.era}`;
    this.locations = new HardwareLocations(this.world);
    this.groupNumbers = new GroupNumbers(this.world, config.groups);
    this.rescanLock = new Mutex(this.world, 'pci_rescan_remove_lock');
    this.probeLock = new Mutex(this.world, 'iommu_probe_device_lock');
    this.injections = new Cell<readonly Injection[]>(this.world, 'injections', []);
    this.warnings = new Cell<readonly string[]>(this.world, 'warnings', []);
    this.#devices = new StructureCell(this.world, 'devices', new Map<string, Device>());
    this.#parameters = new Cell(this.world, 'parameters', config.moduleParameters);
    this.pciBus = new Bus(this, 'pci', this.#module('pci'));
    const unit = this.machine.unit;
    this.iommu =
      unit === null
        ? null
        : new IntelIommu(this, 'dmar0', intelDriver, unit, this.machine, this.#module('intel-iommu'));
    registerInvariants(this);
    this.#boot();
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

  /** The device at an address, or with a label of the profile. */
  findDevice(name: string): Device | null {
    const devices = this.#devices.structure;
    const byAddress = devices.get(name);
    if (byAddress !== undefined) return byAddress;
    for (const device of devices.values()) {
      if (device.function_.description.name === name) return device;
    }
    return null;
  }

  /** All devices that are there, in the order they were added. */
  devices(): readonly Device[] {
    return [...this.#devices.structure.values()];
  }

  /** The same without a copy, for a walk that changes nothing. */
  presentDevices(): Iterable<Device> {
    return this.#devices.structure.values();
  }

  /** All groups that have members. */
  groups(): readonly IommuGroup[] {
    const groups = this.devices().map((device) => device.group.value);
    return [...new Set(groups)].filter((group) => group !== null);
  }

  deviceAdded(device: Device): void {
    this.#devices.apply({
      apply: (map) => map.set(device.name, device),
      undo: (map) => map.delete(device.name),
    });
  }

  deviceGone(device: Device): void {
    this.#devices.apply({
      apply: (map) => map.delete(device.name),
      undo: (map) => map.set(device.name, device),
    });
  }

  /** A module parameter as it is now, or null where there is none of that name. */
  parameter(name: string): string | number | null {
    return this.#parameters.value[name] ?? null;
  }

  setParameter(name: string, value: string | number): void {
    this.#parameters.set({ ...this.#parameters.value, [name]: value });
  }

  /** A warning in the kernel's log (WARN_ON): recorded, nothing else. */
  warn(function_: string): void {
    this.warnings.set([...this.warnings.value, function_]);
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
