/** A device bound to vfio-pci. `@kernel struct vfio_pci_core_device`, `drivers/vfio/pci/vfio_pci_core.c` */
import type { PciFunction } from '@iommu-lab/core';
import { Cell, Mutex, type Op, RwSemaphore } from '@iommu-lab/explorer';
import type { Device, Errno } from '@iommu-lab/kernel';
import type { MapRequest } from '../../files/open-file';
import type { IoctlArgument } from '../../ioctl/argument';
import {
  VFIO_DEVICE_GET_INFO,
  VFIO_DEVICE_GET_IRQ_INFO,
  VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
  VFIO_DEVICE_GET_REGION_INFO,
  VFIO_DEVICE_PCI_HOT_RESET,
  VFIO_DEVICE_RESET,
  VFIO_DEVICE_SET_IRQS,
} from '../../ioctl/numbers';
import type { PciConfigSpace } from '../../pci/config-space';
import type { Task } from '../../task/task';
import type { VfioKernel } from '../../vfio-kernel';
import type { DeviceFile } from '../device-file';
import { VfioDevice } from '../vfio-device';
import { barMap, barRead, barWrite } from './bar-access';
import { configRead, configWrite } from './config-access';
import { pciDisable, pciEnable } from './enable';
import { hotReset, hotResetInfo } from './hot-reset';
import { deviceInfo, irqInfo, REGION, REGION_SHIFT, regionInfo } from './info';
import { PciInterrupts } from './interrupts';
import { deviceReset } from './reset';
import { setIrqs } from './set-irqs';

export class VfioPciDevice extends VfioDevice {
  readonly function_: PciFunction;
  readonly space: PciConfigSpace;
  /** Held for reading over every access to a BAR, for writing while memory space changes. */
  readonly memoryLock: RwSemaphore;
  /** igate: guards the interrupts. */
  readonly interruptGate: Mutex;
  readonly interrupts: PciInterrupts;
  /** vconfig: the user's view of configuration space. */
  readonly config: Cell<Uint8Array>;
  /** The registers as they were at the first open; null while closed. */
  readonly savedState: Cell<Uint8Array | null>;
  readonly resetWorks: Cell<boolean>;
  readonly needsReset: Cell<boolean>;

  constructor(system: VfioKernel, device: Device) {
    super(system, device);
    this.function_ = device.function_;
    this.space = system.hardware.configSpace(device.function_);
    this.memoryLock = new RwSemaphore(this, 'memory_lock', 'vfio_pci_core_device.memory_lock');
    this.interruptGate = new Mutex(this, 'igate', 'vfio_pci_core_device.igate');
    this.config = new Cell<Uint8Array>(this, 'vconfig', new Uint8Array(this.space.lengthBytes));
    this.savedState = new Cell<Uint8Array | null>(this, 'pci_saved_state', null);
    this.resetWorks = new Cell(this, 'reset_works', false);
    this.needsReset = new Cell(this, 'needs_reset', false);
    this.interrupts = new PciInterrupts(this);
  }

  get bar0Bytes(): number {
    return this.function_.description.bar0?.lengthBytes ?? 0;
  }

  get bar0Physical(): bigint {
    return BigInt(this.function_.description.bar0?.physical ?? 0);
  }

  override *open(): Op<0 | Errno> {
    yield* pciEnable(this);
    return 0;
  }

  override *close(): Op<void> {
    yield* pciDisable(this);
    yield* this.interrupts.dropRequestEvent();
  }

  override *request(): Op<void> {
    yield* this.interrupts.signalRequest();
  }

  override *ioctl(task: Task, request: number, argument: IoctlArgument): Op<number | Errno> {
    switch (request) {
      case VFIO_DEVICE_GET_INFO:
        return yield* deviceInfo(this, argument);
      case VFIO_DEVICE_GET_REGION_INFO:
        return yield* regionInfo(this, argument);
      case VFIO_DEVICE_GET_IRQ_INFO:
        return yield* irqInfo(this, argument);
      case VFIO_DEVICE_SET_IRQS:
        return yield* setIrqs(this, task, argument);
      case VFIO_DEVICE_RESET:
        return yield* deviceReset(this);
      case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
        return yield* hotResetInfo(this, argument);
      case VFIO_DEVICE_PCI_HOT_RESET:
        return yield* hotReset(this, task, argument);
      default:
        return 'ENOTTY';
    }
  }

  /** EINVAL: no such region. Otherwise the region's own errors. `@kernel vfio_pci_rw` */
  override *read(_task: Task, target: Uint8Array, position: bigint): Op<number | Errno> {
    const { index, offset } = regionAt(position);
    if (index >= REGION.COUNT) return 'EINVAL';
    if (target.length === 0) return 0;
    if (index === REGION.CONFIG) return yield* configRead(this, offset, target);
    return yield* barRead(this, index, offset, target);
  }

  override *write(_task: Task, source: Uint8Array, position: bigint): Op<number | Errno> {
    const { index, offset } = regionAt(position);
    if (index >= REGION.COUNT) return 'EINVAL';
    if (source.length === 0) return 0;
    if (index === REGION.CONFIG) return yield* configWrite(this, offset, source);
    return yield* barWrite(this, index, offset, source);
  }

  override *map(file: DeviceFile, task: Task, request: MapRequest): Op<0 | Errno> {
    return yield* barMap(this, file, task, request);
  }
}

function regionAt(position: bigint): { index: number; offset: number } {
  return { index: Number(position >> REGION_SHIFT), offset: Number(position & ((1n << REGION_SHIFT) - 1n)) };
}
