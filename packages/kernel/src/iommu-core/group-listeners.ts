/**
 * Telling others what becomes of a group's members. Up to 5.18; VFIO was the only listener, and with ownership it had
 * nothing left to listen for. `@kernel iommu_group_register_notifier`, `iommu_bus_notifier`
 */
import type { Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { IommuGroup } from '../group';

/** `added`: a device has joined the group. `bound`, `unbound`: a driver has been bound to a member, or has left it. */
export type GroupEvent = 'added' | 'bound' | 'unbound';

export interface GroupListener {
  readonly group: IommuGroup;
  /** Called in the thread of whoever caused the event, after the event. */
  notify(event: GroupEvent, device: Device): Op<void>;
}

/** `@kernel blocking_notifier_call_chain` */
export function* tellListeners(event: GroupEvent, device: Device, group: IommuGroup | null): Op<void> {
  if (group === null) return;
  for (const listener of yield* device.kernel.groupListeners.load()) {
    if (listener.group === group) yield* listener.notify(event, device);
  }
}

/** Nobody listens. From 5.19 on. */
export function* tellNobody(): Op<void> {}
