/**
 * VFIO_DEVICE_SET_IRQS: `struct vfio_irq_set { u32 argsz, flags, index, start, count; data[] }`; data is nothing, one
 * byte or one descriptor for each interrupt. Leaves out: unmasking INTx by an eventfd.
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, isErrno } from '@iommu-lab/kernel';
import { eventContext } from '../../files/event-file';
import { copyFromUser, type IoctlArgument, readU32 } from '../../ioctl/argument';
import type { Task } from '../../task/task';
import { IRQ, irqCount } from './info';
import type { VfioPciDevice } from './vfio-pci-device';

export const IRQ_SET_BYTES = 20;
export const IRQ_DATA = { NONE: 1, BOOL: 2, EVENTFD: 4 } as const;
const IRQ_ACTION = { MASK: 8, UNMASK: 16, TRIGGER: 32 } as const;
const DATA_MASK = 7;
const ACTION_MASK = 56;

interface IrqSet {
  readonly data: number;
  readonly action: number;
  readonly index: number;
  readonly count: number;
  /** Whether a DATA_BOOL request says yes. */
  readonly yes: boolean;
  /** The descriptor of a DATA_EVENTFD request. */
  readonly descriptor: number;
}

/**
 * EFAULT; EINVAL: argsz, flags, an index, start or count that the device has not, an interrupt of another kind is on;
 * ENOTTY: an action that this kind of interrupt has not; EBADF or EINVAL: no eventfd. `@kernel vfio_pci_ioctl_set_irqs`
 */
export const setIrqs = kernelFunction(
  'vfio_pci_ioctl_set_irqs',
  function* setIrqs(device: VfioPciDevice, task: Task, argument: IoctlArgument): Op<0 | Errno> {
    const request = parse(device, argument);
    if (isErrno(request)) return request;
    yield* device.interruptGate.lock();
    const error = yield* apply(device, task, request);
    yield* device.interruptGate.unlock();
    return error;
  },
);

/** `@kernel vfio_set_irqs_validate_and_prepare` */
function parse(device: VfioPciDevice, argument: IoctlArgument): IrqSet | Errno {
  const header = copyFromUser(argument, IRQ_SET_BYTES);
  if (header === 'EFAULT') return 'EFAULT';
  const [argsz, flags, index, start, count] = [0, 4, 8, 12, 16].map((offset) => readU32(header, offset)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (argsz < IRQ_SET_BYTES || index >= IRQ.COUNT || (flags & ~(DATA_MASK | ACTION_MASK)) !== 0)
    return 'EINVAL';
  const available = irqCount(device, index);
  if (start >= available || start + count > available) return 'EINVAL';
  const data = flags & DATA_MASK;
  const itemBytes =
    data === IRQ_DATA.NONE ? 0 : data === IRQ_DATA.BOOL ? 1 : data === IRQ_DATA.EVENTFD ? 4 : null;
  if (itemBytes === null || argsz - IRQ_SET_BYTES < count * itemBytes) return 'EINVAL';
  const items = copyFromUser(argument, IRQ_SET_BYTES + count * itemBytes);
  if (items === 'EFAULT') return 'EFAULT';
  const yes = data === IRQ_DATA.BOOL && count > 0 && items.getUint8(IRQ_SET_BYTES) !== 0;
  const descriptor = data === IRQ_DATA.EVENTFD && count > 0 ? items.getInt32(IRQ_SET_BYTES, true) : -1;
  return { data, action: flags & ACTION_MASK, index, count, yes, descriptor };
}

/** Precondition: the gate is held. `@kernel vfio_pci_set_irqs_ioctl` */
function* apply(device: VfioPciDevice, task: Task, request: IrqSet): Op<0 | Errno> {
  const { index, action } = request;
  if (index === IRQ.REQ && action === IRQ_ACTION.TRIGGER)
    return yield* setRequestTrigger(device, task, request);
  if (index === IRQ.MSI && action === IRQ_ACTION.TRIGGER) return yield* setMsiTrigger(device, task, request);
  if (index !== IRQ.INTX) return 'ENOTTY';
  if (action === IRQ_ACTION.TRIGGER) return yield* setIntxTrigger(device, task, request);
  if (action === IRQ_ACTION.MASK || action === IRQ_ACTION.UNMASK) return yield* maskIntx(device, request);
  return 'ENOTTY';
}

/** `@kernel vfio_pci_set_ctx_trigger_single` */
function* setRequestTrigger({ interrupts }: VfioPciDevice, task: Task, request: IrqSet): Op<0 | Errno> {
  const { requestTrigger } = interrupts;
  const current = yield* requestTrigger.load();
  if (request.data === IRQ_DATA.NONE) {
    if (current === null) return 'EINVAL';
    if (request.count > 0) yield* current.signal();
    else yield* interrupts.replace(requestTrigger, null);
    return 0;
  }
  if (request.count === 0) return 'EINVAL';
  if (request.data === IRQ_DATA.BOOL) {
    if (request.yes && current !== null) yield* current.signal();
    return 0;
  }
  const context = request.descriptor < 0 ? null : yield* eventContext(task, request.descriptor);
  if (isErrno(context)) return context;
  yield* interrupts.replace(requestTrigger, context);
  return 0;
}

/** `@kernel vfio_pci_set_msi_trigger` */
function* setMsiTrigger({ interrupts }: VfioPciDevice, task: Task, request: IrqSet): Op<0 | Errno> {
  const kind = yield* interrupts.kind.load();
  if (kind === 'msi' && request.count === 0 && request.data === IRQ_DATA.NONE) {
    yield* interrupts.turnOff();
    return 0;
  }
  if (kind === 'intx') return 'EINVAL';
  if (request.data === IRQ_DATA.EVENTFD) {
    const context = request.descriptor < 0 ? null : yield* eventContext(task, request.descriptor);
    if (isErrno(context)) return context;
    yield* interrupts.kind.store('msi');
    yield* interrupts.replace(interrupts.trigger, context);
    return 0;
  }
  if (kind !== 'msi') return 'EINVAL';
  if (request.data === IRQ_DATA.NONE || request.yes) yield* interrupts.signal();
  return 0;
}

/** `@kernel vfio_pci_set_intx_trigger` */
function* setIntxTrigger({ interrupts }: VfioPciDevice, task: Task, request: IrqSet): Op<0 | Errno> {
  const kind = yield* interrupts.kind.load();
  if (kind === 'intx' && request.count === 0 && request.data === IRQ_DATA.NONE) {
    yield* interrupts.turnOff();
    return 0;
  }
  if (kind === 'msi' || request.count !== 1) return 'EINVAL';
  if (request.data === IRQ_DATA.EVENTFD) {
    const context = request.descriptor < 0 ? null : yield* eventContext(task, request.descriptor);
    if (isErrno(context)) return context;
    yield* interrupts.replace(interrupts.trigger, context);
    yield* interrupts.kind.store('intx');
    yield* interrupts.fireIntx();
    return 0;
  }
  if (kind !== 'intx') return 'EINVAL';
  if (request.data === IRQ_DATA.NONE || request.yes) yield* interrupts.signal();
  return 0;
}

/** `@kernel vfio_pci_set_intx_mask`, `vfio_pci_set_intx_unmask` */
function* maskIntx({ interrupts }: VfioPciDevice, request: IrqSet): Op<0 | Errno> {
  if ((yield* interrupts.kind.load()) !== 'intx' || request.count !== 1) return 'EINVAL';
  if (request.data === IRQ_DATA.EVENTFD) return 'ENOTTY';
  if (request.data === IRQ_DATA.BOOL && !request.yes) return 0;
  if (request.action === IRQ_ACTION.MASK) yield* interrupts.masked.store(true);
  else yield* interrupts.unmaskIntx();
  return 0;
}
