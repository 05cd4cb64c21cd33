/** DMA by a device: one step for each page, which reads context, range and frame and writes only its cached entry. */
import { ACCESS_WRITE, type DmaTransfer, type EduDevice } from '@iommu-lab/core';
import {
  AccessKind,
  type Op,
  type OperationKind,
  type PendingOperation,
  type Step,
  type Target,
} from '@iommu-lab/explorer';
import type { Kernel } from '../kernel';
import { declareCached, declareContext, declareFrame } from './locations';

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

const DMA_PAGE: OperationKind = { name: 'hw.dma', enabled: null, execute: (p) => moveOnePage(p) };

function moveOnePage(pending: PendingOperation): number {
  const { kernel, edu, transfer } = pending.target as Transfer;
  const outcome = transfer.step();
  const page = outcome.physicalPage;
  const memory = kernel.machine.memory;
  if (page >= 0 && memory.isRam(page) && !memory.frameIsAllocated(page) && isTranslated(kernel, edu)) {
    const where = `0x${outcome.iovaPage.toString(16)}000`;
    kernel.world.report('invariant', `I6: DMA to iova ${where} reached freed page ${page}`, null);
  }
  return page;
}

/** Whether software has the device behind page tables: with an identity domain it may go anywhere. */
function isTranslated(kernel: Kernel, edu: EduDevice): boolean {
  const device = kernel.findDevice(edu.pciFunction.address);
  return device?.attachedDomain.value?.type !== 'IDENTITY';
}

function hwDmaPage(target: Transfer): Step<number> {
  const world = target.kernel.world;
  const pending = world.begin(DMA_PAGE, target);
  if (world.mode === 'search') declareDma(pending, target);
  return world.submit();
}

function declareDma(pending: PendingOperation, { kernel, transfer }: Transfer): void {
  const { requesterId, iovaPage, access } = transfer;
  declareContext(pending, kernel.locations, requesterId, AccessKind.READ);
  declareCached(pending, kernel.locations, requesterId, iovaPage, AccessKind.WRITE);
  const page = transfer.peekNext();
  if (page >= 0) {
    declareFrame(
      pending,
      kernel.locations,
      page,
      access === ACCESS_WRITE ? AccessKind.WRITE : AccessKind.READ,
    );
  }
}

/** Runs the transfer that the device's command register has started, if there is one. */
export function* hwRunTransfer(kernel: Kernel, edu: EduDevice): Op<void> {
  const transfer = edu.transfer;
  if (transfer === null) return;
  const target = new Transfer(kernel, edu, transfer);
  while (transfer.pagesLeft > 0) yield* hwDmaPage(target);
}
