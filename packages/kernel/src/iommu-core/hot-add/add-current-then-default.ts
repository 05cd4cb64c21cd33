/**
 * A newcomer is attached to whatever the group is on, and in a second critical section to the default domain, whoever
 * uses the group. Up to 5.18. A second attach that fails leaves it without a group. `@kernel iommu_group_add_device`,
 * `iommu_probe_device` (read in 5.16)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../../device';
import type { Errno } from '../../errno';
import type { IommuGroup } from '../../group';
import { ensureDefaultDomain } from '../default-domain';
import { attachDevice } from '../driver-call';

/** Takes group.mutex itself, up to three times. Errors: the driver's, ENOMEM. */
export const addCurrentThenDefault = kernelFunction(
  'iommu_group_add_device',
  function* addCurrentThenDefault(group: IommuGroup, device: Device): Op<0 | Errno> {
    yield* group.mutex.lock();
    yield* group.devices.addTail(device);
    const current = yield* group.domain.load();
    const error = current === null ? 0 : yield* attachDevice(current, device);
    if (error !== 0) yield* group.devices.remove(device);
    yield* group.mutex.unlock();
    if (error !== 0) return error;
    const instance = yield* device.iommu.load();
    if (instance === null) return 'ENODEV';
    if (current !== null && device.kernel.booted) yield* instance.driver.attachedInProbe(instance, device);
    yield* device.kernel.era.tellListeners('added', device, group);

    yield* group.mutex.lock();
    const second = yield* attachDefault(group, device);
    yield* group.mutex.unlock();
    if (second === 0) return 0;
    yield* instance.driver.releaseDevice(instance, device);
    yield* group.mutex.lock();
    yield* group.devices.remove(device);
    yield* group.mutex.unlock();
    return second;
  },
);

function* attachDefault(group: IommuGroup, device: Device): Op<0 | Errno> {
  const instance = yield* device.iommu.load();
  if (instance === null) return 'ENODEV';
  const made = yield* ensureDefaultDomain(group, device, instance);
  if (made !== 0) return made;
  const defaultDomain = yield* group.defaultDomain.load();
  return defaultDomain === null ? 0 : yield* attachDevice(defaultDomain, device);
}
