/**
 * Invariants of the whole kernel state, checked after every call and active everywhere. I4 (a freed domain is
 * attached nowhere) looks at the hardware's side, as I1 does; I5 and I6 are judged at each DMA (hw/dma.ts).
 * They are not judged for a group whose lock is held: within a critical section they may be broken.
 */
import type { Device } from './device';
import type { IommuGroup } from './group';
import type { Kernel } from './kernel';

export function registerInvariants(kernel: Kernel): void {
  const perMember = (id: string, wrong: (device: Device, group: IommuGroup) => string | null) => {
    kernel.world.invariants.push({ id, check: () => firstWrong(kernel, wrong) });
  };
  perMember('I1', memberFollowsGroup);
  perMember('I2', ownedGroupIsIsolated);
  perMember('I3', ownedGroupHasNoKernelDriver);
  perMember('I4', attachedDomainLives);
}

/** Checked after every call: allocates nothing while all is well. */
function firstWrong(
  kernel: Kernel,
  wrong: (device: Device, group: IommuGroup) => string | null,
): string | null {
  for (const { value: device } of kernel.deviceSlots) {
    if (device === null) continue;
    const group = device.group.value;
    if (group === null || group.mutex.holder !== null || !group.devices.value.includes(device)) continue;
    const message = wrong(device, group);
    if (message !== null) return message;
  }
  return null;
}

/**
 * I1: every member is attached in hardware to the group's domain. A member that is being removed and that its driver
 * has let go is on nothing, whether the group lists it still or not; who works with it then uses freed driver data.
 */
function memberFollowsGroup(device: Device, group: IommuGroup): string | null {
  const domain = group.domain.value;
  const attached = device.attachedDomain.value;
  if (attached === domain) return null;
  if (attached === null && device.state.value !== 'present') return null;
  return `${device.label} is on ${attached?.label ?? 'nothing'}, ${group.label} says ${domain?.label ?? 'nothing'}`;
}

/**
 * I2: an owned group is on its blocking domain or on one that its owner supplied, never on default, nor on
 * nothing but where the era has no blocking domain. No kernel
 * keeps a module off a group that its owner has parked, so a module's domain is judged only while the owner moves the
 * group from one domain to another: then it believes to have it.
 */
function ownedGroupIsIsolated(_device: Device, group: IommuGroup): string | null {
  if (group.owner.value === null) return null;
  const domain = group.domain.value;
  if (domain === null) {
    return group.kernel.era.ownedOnNothing ? null : `${group.label} is owned and on no domain`;
  }
  if (domain === group.defaultDomain.value) return `${group.label} is owned and on its default domain`;
  if (group.change.value === null || domain.module === null) return null;
  return `${group.label} is moved by its owner and on a domain of module ${domain.module}`;
}

/** I3: no member of an owned group is bound to a driver that uses the kernel's DMA API. */
function ownedGroupHasNoKernelDriver(device: Device, group: IommuGroup): string | null {
  const driver = device.driver.value;
  if (group.owner.value === null || driver === null || driver.driverManagedDma) return null;
  return `${group.label} is owned, ${device.label} is on ${driver.name}`;
}

/** I4: a freed domain is attached nowhere. */
function attachedDomainLives(device: Device): string | null {
  const attached = device.attachedDomain.value;
  return attached?.freed ? `${device.label} is attached to ${attached.label}, which was freed` : null;
}
