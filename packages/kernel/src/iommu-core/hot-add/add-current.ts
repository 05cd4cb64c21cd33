/**
 * A newcomer joins the list and is attached to whatever the group is on, in one critical section; a failure
 * unwinds. From 6.5 on. `@kernel __iommu_probe_device`, `iommu_setup_default_domain` (read in 6.12)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../../device';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';
import { ensureDefaultDomain } from '../default-domain';
import { attachDevice } from '../driver-call';

/** Takes group.mutex itself. Errors: the driver's, ENOMEM; the device is then no member. */
export const addCurrent = kernelFunction(
  'iommu_group_add_device',
  function* addCurrent(group: IommuGroup, device: Device): Op<0 | Errno> {
    yield* group.mutex.lock();
    yield* group.devices.addTail(device);
    const error = yield* attachNewcomer(group, device);
    if (error !== 0) yield* group.devices.remove(device);
    yield* group.mutex.unlock();
    return error;
  },
);

function* attachNewcomer(group: IommuGroup, device: Device): Op<0 | Errno> {
  const instance = yield* device.iommu.load();
  if (instance === null) return 'ENODEV';
  const made = yield* ensureDefaultDomain(group, device, instance);
  if (made !== 0) return made;
  const current = yield* group.domain.load();
  return current === null ? 0 : yield* attachDevice(current, device);
}
