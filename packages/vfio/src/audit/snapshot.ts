/** Everything that a workload must leave as it found it, by name. */
import type { Device, IommuDomain, IommuGroup } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import type { VfioKernel } from '../vfio-kernel';

export type Snapshot = ReadonlyMap<string, string>;

/** What there is now. `tasks`: every process that was ever made. */
export function takeSnapshot(system: VfioKernel, tasks: readonly Task[]): Snapshot {
  const found = new Map<string, string>();
  const note = (name: string, value: unknown) => found.set(name, String(value));
  const { kernel } = system;
  const kept = blockingDomains(kernel.groups());
  const locked = tasks.filter((task) => !task.exited).map((task) => task.mm.lockedPages.value);
  note('pinned pages', system.pages.pins);
  note(
    'locked pages',
    locked.reduce((sum, pages) => sum + pages, 0),
  );
  note('data frames', kernel.machine.memory.framesInUse);
  note('table pages', kernel.machine.memory.tablesInUse - kept.length);
  note('devices that do DMA by themselves', kernel.traffic.running.join(' ') || 'none');
  note('waiting calls', kernel.world.parked.length);
  for (const group of kernel.groups()) noteGroup(note, group);
  for (const device of kernel.devices()) noteDevice(note, device);
  note('module vfio-pci', `${system.pciModule.refs.value} references`);
  if (kernel.iommu !== null)
    note(`module ${kernel.iommu.module.name}`, `${kernel.iommu.module.refs.value} references`);
  for (const [site, count] of kernel.world.liveObjects()) {
    note(`living ${site}`, site === 'iommu_domain' ? count - kept.length : count);
  }
  return found;
}

/** Blocking domains that are ordinary page tables: made at a group's first claim and kept as long as the group. */
function blockingDomains(groups: readonly IommuGroup[]): IommuDomain[] {
  return groups.flatMap((group) => {
    const blocking = group.blockingDomain.value;
    return blocking !== null && blocking.type === 'UNMANAGED' ? [blocking] : [];
  });
}

type Note = (name: string, value: unknown) => void;

function noteGroup(note: Note, group: IommuGroup): void {
  const owner = group.owner.value === null ? 'nobody' : 'somebody';
  note(`group ${group.id} references`, group.refs.value);
  note(`group ${group.id} owner`, `${owner}, count ${group.ownerCount.value}`);
  note(`group ${group.id} domain`, domainName(group));
  note(
    `group ${group.id} members`,
    group.devices.value
      .map((device) => device.name)
      .sort()
      .join(' '),
  );
}

function domainName(group: IommuGroup): string {
  const domain = group.domain.value;
  if (domain === null) return 'none';
  if (domain === group.defaultDomain.value) return 'default';
  return domain === group.blockingDomain.value ? 'blocking' : 'a user domain';
}

function noteDevice(note: Note, device: Device): void {
  note(`device ${device.name} references`, device.refs.value);
  note(`device ${device.name} driver`, device.driver.value?.name ?? 'none');
  note(`device ${device.name} mutex`, device.mutex.holder === null ? 'free' : 'held');
}
