/**
 * A newcomer is attached to whatever the group is on, and in a second critical section to the default domain,
 * unless the group has an owner. 5.19 to 6.4. `@kernel iommu_group_add_device`, `iommu_probe_device` (read in 6.1)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../../device';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';
import { ensureDefaultDomain } from '../default-domain';
import { attachDevice } from '../driver-call';

/** Takes group.mutex itself, twice. Errors: the driver's, ENOMEM. */
export const addCurrentThenDefaultUnlessOwned = kernelFunction(
  'iommu_group_add_device',
  function* addCurrentThenDefaultUnlessOwned(group: IommuGroup, device: Device): Op<0 | Errno> {
    yield* group.mutex.lock();
    yield* group.devices.addTail(device);
    const current = yield* group.domain.load();
    const error = current === null ? 0 : yield* attachDevice(current, device);
    if (error !== 0) yield* group.devices.remove(device);
    yield* group.mutex.unlock();
    if (error !== 0) return error;

    yield* group.mutex.lock();
    const second = yield* attachDefault(group, device);
    yield* group.mutex.unlock();
    return second;
  },
);

function* attachDefault(group: IommuGroup, device: Device): Op<0 | Errno> {
  const instance = yield* device.iommu.load();
  if (instance === null) return 'ENODEV';
  const made = yield* ensureDefaultDomain(group, device, instance);
  if (made !== 0) return made;
  if ((yield* group.owner.load()) !== null) return 0;
  const defaultDomain = yield* group.defaultDomain.load();
  return defaultDomain === null ? 0 : yield* attachDevice(defaultDomain, device);
}
