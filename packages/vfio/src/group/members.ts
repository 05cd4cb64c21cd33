/** A group's registered devices, as the contract shows them to a design. */
import type { Op } from '@iommu-lab/explorer';
import type { Members, RegisteredDevice } from '@iommu-lab/kernel';
import { putRegistration } from '../device/registration';
import type { VfioDevice } from '../device/vfio-device';
import type { VfioGroup } from './vfio-group';

/** The list and its lock are the group's own; references are registration references. */
export function groupMembers(group: VfioGroup): Members {
  return {
    lock: group.deviceLock,
    list: group.devices,
    *tryGet(member: RegisteredDevice): Op<boolean> {
      return yield* (member as VfioDevice).registration.getUnlessZero();
    },
    *put(member: RegisteredDevice): Op<void> {
      yield* putRegistration(member as VfioDevice);
    },
  };
}
