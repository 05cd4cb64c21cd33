/**
 * Interrupts of a vfio-pci device: which kind is on, whom they signal, whether INTx is masked. Everything is guarded
 * by the device's interrupt gate; the spinlock of the handlers is left out, they run under the gate here.
 * `@kernel drivers/vfio/pci/vfio_pci_intrs.c`
 */
import { EDU_REGISTER } from '@iommu-lab/core';
import { Cell, type Op } from '@iommu-lab/explorer';
import type { EventContext } from '../../files/event-file';
import type { VfioPciDevice } from './vfio-pci-device';

export type InterruptKind = 'none' | 'intx' | 'msi';

export class PciInterrupts {
  readonly kind: Cell<InterruptKind>;
  /** Whom INTx or MSI signals; null while the slot is empty. */
  readonly trigger: Cell<EventContext | null>;
  /** INTx only: it is masked when it fires. */
  readonly masked: Cell<boolean>;
  /** The command register's INTx disable bit, which only the user has. */
  readonly disabledByCommand: Cell<boolean>;
  /** Whom a request for the device signals. */
  readonly requestTrigger: Cell<EventContext | null>;
  /** What the device's interrupt status was when it was last looked at. */
  readonly #status: Cell<bigint>;

  constructor(readonly device: VfioPciDevice) {
    const gate = device.interruptGate;
    this.kind = new Cell<InterruptKind>(device, 'irq_type', 'none', gate);
    this.trigger = new Cell<EventContext | null>(device, 'ctx.trigger', null, gate);
    this.masked = new Cell(device, 'ctx.masked', false, gate);
    this.disabledByCommand = new Cell(device, 'virq_disabled', false, gate);
    this.requestTrigger = new Cell<EventContext | null>(device, 'req_trigger', null, gate);
    this.#status = new Cell(device, 'interrupt_status', 0n, gate);
  }

  /** Replaces one context by another, whose reference is taken over. Precondition: the gate is held. */
  *replace(cell: Cell<EventContext | null>, context: EventContext | null): Op<void> {
    const old = yield* cell.load();
    yield* cell.store(context);
    if (old !== null) yield* old.put();
  }

  /** Precondition: the gate is held. */
  *signal(): Op<void> {
    const trigger = yield* this.trigger.load();
    if (trigger !== null) yield* trigger.signal();
  }

  /** Turns interrupts off. Precondition: the gate is held. */
  *turnOff(): Op<void> {
    yield* this.replace(this.trigger, null);
    yield* this.kind.store('none');
    yield* this.masked.store(false);
  }

  /** The device asserts INTx and nothing masks it: it is masked and signalled. Precondition: the gate is held. */
  *fireIntx(): Op<void> {
    if ((yield* this.masked.load()) || (yield* this.disabledByCommand.load())) return;
    if (this.deviceStatus() === 0n) return;
    yield* this.masked.store(true);
    yield* this.signal();
  }

  /** An interrupt that is still asserted is signalled again and stays masked. Precondition: the gate is held. */
  *unmaskIntx(): Op<void> {
    if (!(yield* this.masked.load())) return;
    yield* this.masked.store(false);
    yield* this.fireIntx();
  }

  /** The device may have raised or dropped its interrupt: looks, and signals. */
  *deviceActed(): Op<void> {
    const { interruptGate } = this.device;
    yield* interruptGate.lock();
    const now = this.deviceStatus();
    const before = yield* this.#status.load();
    yield* this.#status.store(now);
    const kind = yield* this.kind.load();
    if (kind === 'intx') yield* this.fireIntx();
    if (kind === 'msi' && (now & ~before) !== 0n) yield* this.signal();
    yield* interruptGate.unlock();
  }

  /** The command register was written. */
  *commandDisables(disabled: boolean): Op<void> {
    const { interruptGate } = this.device;
    yield* interruptGate.lock();
    const before = yield* this.disabledByCommand.load();
    yield* this.disabledByCommand.store(disabled);
    if (before && !disabled && (yield* this.kind.load()) === 'intx') yield* this.fireIntx();
    yield* interruptGate.unlock();
  }

  /** The last close turns everything off but the request event. */
  *disable(): Op<void> {
    yield* this.device.interruptGate.lock();
    yield* this.turnOff();
    yield* this.disabledByCommand.store(false);
    yield* this.device.interruptGate.unlock();
  }

  *dropRequestEvent(): Op<void> {
    yield* this.device.interruptGate.lock();
    yield* this.replace(this.requestTrigger, null);
    yield* this.device.interruptGate.unlock();
  }

  /** Asks user space for the device, where it has said how. `@kernel vfio_pci_core_request` */
  *signalRequest(): Op<void> {
    yield* this.device.interruptGate.lock();
    const trigger = yield* this.requestTrigger.load();
    if (trigger !== null) yield* trigger.signal();
    yield* this.device.interruptGate.unlock();
  }

  /** What the device asserts, as part of the running step: nonzero means that its line is up. */
  deviceStatus(): bigint {
    const { kernel } = this.device.system;
    const { address } = this.device.function_;
    kernel.readsDevice(address);
    const edu = kernel.machine.edu(address);
    if (edu === null || !edu.memoryEnabled) return 0n;
    return edu.readRegister(EDU_REGISTER.INTERRUPT_STATUS, 4);
  }
}
