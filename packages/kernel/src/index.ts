/** @iommu-lab/kernel: what every design shares, and the contract that a design provides. */
export { Bus, Module } from './bus';
export type { Capability } from './capability';
export type { KernelConfig } from './config';
export type {
  DeclaredDifference,
  DmaOwner,
  DomainPort,
  DriverPort,
  Feature,
  HwptPort,
  Members,
  MoveFailure,
  Need,
  OwnershipPort,
  RegisteredDevice,
  Target,
  Variant,
} from './contract';
export { Device, type DeviceState } from './device';
export { type DomainType, type Geometry, IommuDomain } from './domain';
export { type DomainChange, notingChanges } from './domain-change';
export { bindDriver, unbindDriver } from './driver-core/bind';
export type { DeviceDriver } from './driver-core/device-driver';
export { busFindDevice } from './driver-core/find-device';
export { deviceGet, devicePut, pciRemove, pciRescan } from './driver-core/hotplug';
export { type EraFunctions, type EraId, eraFunctions, eraIds } from './era';
export { type Errno, isErrno } from './errno';
export { IommuGroup } from './group';
export * as hw from './hw/index';
export { declare, HardwareLocations } from './hw/locations';
export {
  declareInjection,
  INJECTABLE_OPERATIONS,
  type InjectableOperation,
  type Injection,
  inject,
  injectedErrno,
} from './inject';
export * from './iommu-core/index';
export type { IntelIommu } from './iommu-drivers/intel/iommu';
export type { IommuDriver, ReservedRegion } from './iommu-drivers/iommu-driver';
export { IommuInstance } from './iommu-instance';
export { Kernel } from './kernel';
export { busUnregister, iommuDeviceRegister, iommuDeviceUnregister, moduleUnload } from './lifetimes';
export { referenceVariant } from './testing/reference-variant';
export type { TrafficReport } from './traffic/report';
export { Traffic } from './traffic/traffic';
