/**
 * Invariants of the whole kernel state, checked after every call and active everywhere. I4 (a freed domain is
 * attached nowhere) and I1 share a walk over the devices; I5 and I6 are judged at each DMA (hw/dma.ts).
 * They are not judged for a group whose lock is held: within a critical section they may be broken.
 */
import type { IommuGroup } from './group';
import type { Kernel } from './kernel';

export function registerInvariants(kernel: Kernel): void {
  const perGroup = (id: string, wrong: (group: IommuGroup) => string | null) => {
    kernel.world.invariants.push({ id, check: () => firstWrong(kernel, wrong) });
  };
  perGroup('I1', membersFollowGroup);
  perGroup('I2', ownedGroupIsIsolated);
  perGroup('I3', ownedGroupHasNoKernelDriver);
  perGroup('I4', attachedDomainLives);
}

function firstWrong(kernel: Kernel, wrong: (group: IommuGroup) => string | null): string | null {
  for (const group of kernel.groups()) {
    if (group.mutex.holder !== null) continue;
    const message = wrong(group);
    if (message !== null) return message;
  }
  return null;
}

/** I1: every member is attached in hardware to the group's domain. */
function membersFollowGroup(group: IommuGroup): string | null {
  const domain = group.domain.value;
  for (const device of group.devices.value) {
    const attached = device.attachedDomain.value;
    if (attached !== domain) {
      return `${device.label} is on ${attached?.label ?? 'nothing'}, ${group.label} says ${domain?.label ?? 'nothing'}`;
    }
  }
  return null;
}

/** I2: an owned group is on its blocking domain or on one that its owner supplied, never on default or nothing. */
function ownedGroupIsIsolated(group: IommuGroup): string | null {
  if (group.owner.value === null) return null;
  const domain = group.domain.value;
  if (domain === null) return `${group.label} is owned and on no domain`;
  if (domain === group.defaultDomain.value) return `${group.label} is owned and on its default domain`;
  return null;
}

/** I3: no member of an owned group is bound to a driver that uses the kernel's DMA API. */
function ownedGroupHasNoKernelDriver(group: IommuGroup): string | null {
  if (group.owner.value === null) return null;
  for (const device of group.devices.value) {
    const driver = device.driver.value;
    if (driver !== null && !driver.driverManagedDma)
      return `${group.label} is owned, ${device.label} is on ${driver.name}`;
  }
  return null;
}

/** I4: a freed domain is attached nowhere. */
function attachedDomainLives(group: IommuGroup): string | null {
  for (const device of group.devices.value) {
    const attached = device.attachedDomain.value;
    if (attached?.freed) return `${device.label} is attached to ${attached.label}, which was freed`;
  }
  return null;
}
