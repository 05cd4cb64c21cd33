/**
 * DMA by a device: one step for each page. A step goes the unit's way (context, caches, tables) and moves the bytes; what
 * that will touch is found by a rehearsal that leaves no trace.
 */
import { ACCESS_WRITE, type DmaTransfer, type EduDevice, INTERRUPT_WINDOW } from '@iommu-lab/core';
import {
  AccessKind,
  type Op,
  type OperationKind,
  type PendingOperation,
  type Step,
  type Target,
} from '@iommu-lab/explorer';
import type { Kernel } from '../kernel';
import { declareJudged, judgeDma } from './dma-invariants';
import { declare, declareTouch } from './locations';

/** What a step answers that found nothing left to move. */
const NOTHING_MOVED = INTERRUPT_WINDOW;

class Transfer implements Target {
  readonly label: string;

  constructor(
    readonly kernel: Kernel,
    readonly edu: EduDevice,
    readonly transfer: DmaTransfer,
  ) {
    this.label = `dma:${transfer.requesterId.toString(16)}`;
  }
}

const DMA_PAGE: OperationKind = {
  name: 'hw.dma',
  enabled: null,
  execute: (p) => moveOnePage(p),
  declare: (p) => declareDma(p, p.target as Transfer),
};

function moveOnePage(pending: PendingOperation): number {
  const { kernel, edu, transfer } = pending.target as Transfer;
  // Another thread that drives the same device may have moved the last page.
  if (transfer.pagesLeft === 0) return NOTHING_MOVED;
  const outcome = transfer.step();
  const page = outcome.physicalPage;
  const wrong = judgeDma(kernel, edu.pciFunction.address, outcome.iovaPage, page);
  if (wrong !== null) kernel.world.report('invariant', wrong, null);
  return page;
}

function hwDmaPage(target: Transfer): Step<number> {
  const world = target.kernel.world;
  world.begin(DMA_PAGE, target);
  return world.submit();
}

function declareDma(pending: PendingOperation, { kernel, edu, transfer }: Transfer): void {
  const { locations, machine, machineState } = kernel;
  declare(pending, locations.device(edu.pciFunction.address), AccessKind.WRITE);
  if (transfer.pagesLeft === 0) return;
  const leafLevels = machine.unit?.features.leafLevels ?? 0;
  const page = machineState.watch(
    (part, a, b, touch) => declareTouch(pending, locations, leafLevels, part, a, b, touch),
    () => transfer.peekNext(),
  );
  if (page < 0) return;
  declareJudged(pending, kernel, edu.pciFunction.address, transfer.iovaPage, page);
  const writes = transfer.access === ACCESS_WRITE;
  declare(pending, locations.pages.of(page), writes ? AccessKind.WRITE : AccessKind.READ);
  if (machine.memory.inTableArena(page)) {
    declare(pending, locations.contextWrites, writes ? AccessKind.WRITE : AccessKind.READ);
    if (writes) declare(pending, locations.contextReads, AccessKind.WRITE);
  }
}

/** Runs the transfer that the device's command register has started, if there is one. */
export function* hwRunTransfer(kernel: Kernel, edu: EduDevice): Op<void> {
  const transfer = transferOf(kernel, edu);
  if (transfer === null) return;
  const target = new Transfer(kernel, edu, transfer);
  while (pagesLeft(kernel, target) > 0) yield* hwDmaPage(target);
}

/** Whether the device at an address runs no transfer, as part of the running step; false where there is no such device. */
export function transferIsDone(kernel: Kernel, address: string): boolean {
  const edu = kernel.machine.edu(address);
  return edu !== null && transferOf(kernel, edu) === null;
}

/** The device's running transfer, as part of the running step. */
function transferOf(kernel: Kernel, edu: EduDevice): DmaTransfer | null {
  kernel.readsDevice(edu.pciFunction.address);
  return edu.transfer;
}

function pagesLeft(kernel: Kernel, { edu, transfer }: Transfer): number {
  kernel.readsDevice(edu.pciFunction.address);
  return transfer.pagesLeft;
}
