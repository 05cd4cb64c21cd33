/**
 * The invariants that speak of DMA, judged at each page that a device reaches. They never change what happens.
 *
 * I5: while a group is moved from one domain to another, its members reach only pages that one of both maps there. A
 *   device whose driver leaves its DMA to somebody else, as VFIO leaves it to user space, reaches nothing untranslated:
 *   recorded kernels with an identity default domain let it, so that this is judged in searches only.
 * I6: DMA that is translated reaches no page that was freed.
 * I5 takes it that nothing is unmapped in either domain meanwhile: frontends hold a lock over both.
 */
import { addressOf, hex } from '@iommu-lab/core';
import { AccessKind, type PendingOperation } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { IommuDomain } from '../domain';
import type { Kernel } from '../kernel';
import { declare } from './locations';

/** The physical page that a domain leads an iova page to, or -1, as part of the running step. */
export function pageInDomain(domain: IommuDomain | null, iovaPage: number): number {
  if (domain === null || domain.freed || domain.type === 'BLOCKED') return -1;
  if (domain.type === 'IDENTITY') return iovaPage;
  return domain.geometry.readInStep()?.table.translate(iovaPage) ?? -1;
}

/** What is wrong with DMA of the device at `address` that reached `page`, as part of the running step; null if nothing. */
export function judgeDma(kernel: Kernel, address: string, iovaPage: number, page: number): string | null {
  if (page < 0) return null;
  const device = kernel.findDevice(address);
  const where = hex(addressOf(iovaPage));
  const untranslated = isUntranslated(device, iovaPage, page);
  if (!untranslated && reachesFreedMemory(kernel, page)) {
    return `I6: DMA to iova ${where} reached freed page ${page}`;
  }
  if (device !== null && untranslated && isForOthers(kernel, device)) {
    return `I5: DMA of ${device.label}, which no kernel driver drives, reached page ${page} untranslated`;
  }
  const change = device?.group.readInStep()?.change.readInStep() ?? null;
  if (change === null) return null;
  const [from, to] = [pageInDomain(change.from, iovaPage), pageInDomain(change.to, iovaPage)];
  if (page === from || page === to) return null;
  return `I5: DMA to iova ${where} reached page ${page} during a move between domains that do not map it there`;
}

/** Whether the device is on an identity domain, or is just being put on one. */
function isUntranslated(device: Device | null, iovaPage: number, page: number): boolean {
  const domain = domainOf(device);
  return domain === null ? page === iovaPage : domain.type === 'IDENTITY';
}

/** Whether the device's driver leaves its DMA to somebody else. */
function isForOthers(kernel: Kernel, device: Device): boolean {
  return kernel.world.mode === 'search' && device.driver.readInStep()?.driverManagedDma === true;
}

/** What the driver has the device on; null once it has let it go. */
function domainOf(device: Device | null): IommuDomain | null {
  return device === null || device.driverData.freed ? null : device.attachedDomain.readInStep();
}

/** Declares what `judgeDma` will look at, for an operation that calls it when it is performed. */
export function declareJudged(
  pending: PendingOperation,
  kernel: Kernel,
  address: string,
  iovaPage: number,
  page: number,
): void {
  if (page < 0) return;
  const slot = kernel.deviceSlot(address);
  if (slot === null) return;
  declare(pending, slot.location, AccessKind.READ);
  const device: Device | null = slot.value;
  if (device === null) return;
  declare(pending, device.lifeLocation, AccessKind.READ);
  declare(pending, device.driver.location, AccessKind.READ);
  declare(pending, device.driverData.lifeLocation, AccessKind.READ);
  if (!device.driverData.freed) declare(pending, device.attachedDomain.location, AccessKind.READ);
  declare(pending, device.group.location, AccessKind.READ);
  const group = device.group.value;
  if (group === null) return;
  declare(pending, group.lifeLocation, AccessKind.READ);
  declare(pending, group.change.location, AccessKind.READ);
  const change = group.change.value;
  if (change === null) return;
  declareLookUp(pending, change.from, iovaPage);
  declareLookUp(pending, change.to, iovaPage);
}

function declareLookUp(pending: PendingOperation, domain: IommuDomain, iovaPage: number): void {
  declare(pending, domain.lifeLocation, AccessKind.READ);
  if (domain.freed || domain.type === 'BLOCKED' || domain.type === 'IDENTITY') return;
  declare(pending, domain.geometry.location, AccessKind.READ);
  // The tree as a whole: what a flush or the end of the domain takes away.
  declare(pending, domain.gatherLocation, AccessKind.READ);
  const { pages } = domain.kernel.locations;
  domain.geometry.value?.table.visitTables(iovaPage, 1, 'read', (page) =>
    declare(pending, pages.of(page), AccessKind.READ),
  );
}

function reachesFreedMemory(kernel: Kernel, page: number): boolean {
  const { memory } = kernel.machine;
  return memory.isRam(page) && !memory.frameIsAllocated(page);
}
