/**
 * The modelled machine: physical memory, PCI, page tables, IOMMUs, DMA. It knows no kernel.
 */
export { addressOf, hex, offsetOf, PAGE_SHIFT, PAGE_SIZE_BYTES, pageOf } from './address';
export { DmaTransfer, type TransferStep } from './devices/dma-transfer';
export { EDU_BUFFER_BYTES, EDU_BUFFER_START, EDU_COMMAND, EDU_REGISTER, EduDevice } from './devices/edu';
export { ERRNO, type Errno, errnoName, isErrno } from './errno';
export { createMachine, Machine, MachineCheckpoint, type MachineDescription } from './machine';
export type { PhysicalRange } from './memory/physical-map';
export { PhysicalMemory } from './memory/physical-memory';
export { MachinePart, type MachineWatcher, Touch, translationKey } from './memory/watcher';
export { loopsOf } from './page-table/codec-loops';
export {
  type Codec,
  type Geometry,
  type LeafSize,
  type PageTableFormat,
  PROT_CACHE,
  PROT_MMIO,
  PROT_NOEXEC,
  PROT_PRIVILEGED,
  PROT_READ,
  PROT_WRITE,
} from './page-table/format';
export { type SecondStageConfig, vtdSecondStage } from './page-table/formats/vtd-second-stage';
export { PageTable } from './page-table/page-table';
export type { TableEntry, WalkFault, WalkResult } from './page-table/walk';
export { formatPciAddress, type PciAddress, parsePciAddress, requesterIdOf } from './pci/address';
export { PciFunction, type PciFunctionDescription, type PciKind } from './pci/function';
export { PciTopology } from './pci/topology';
export type { Behaviour, BehaviourName } from './vtd/behaviour';
export type { Capability } from './vtd/capability';
export type { VtdFault } from './vtd/fault-log';
export { FAULT_REASON, faultReasonText } from './vtd/fault-reason';
export * as vtd from './vtd/index';
export type { ContextEntry, DecodedContextEntry, Quadword } from './vtd/structures';
export { ACCESS_READ, ACCESS_WRITE, INTERRUPT_WINDOW, VtdUnit, type VtdUnitOptions } from './vtd/unit';
