/**
 * A device leaves: its driver releases it outside of the group's lock, and only then it goes off the list. In
 * between the group still lists a device that is no longer attached to anything.
 * Up to 6.3. `@kernel iommu_release_device`, `iommu_group_remove_device` (read in 6.1)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../../device';
import { iommuGroupPut } from '../group-reference';
import { judgeEmptied } from './last-member';

export const releaseOpBeforeList = kernelFunction(
  'iommu_release_device',
  function* releaseOpBeforeList(device: Device): Op<void> {
    const group = yield* device.group.load();
    const instance = yield* device.iommu.load();
    if (group === null || instance === null) {
      // No driver has taken it up: nobody else frees what was made with it.
      yield* device.driverData.free();
      return;
    }
    yield* instance.driver.releaseDevice(instance, device);
    yield* group.mutex.lock();
    yield* group.devices.remove(device);
    yield* judgeEmptied(group);
    yield* group.mutex.unlock();
    yield* device.group.store(null);
    yield* device.iommu.store(null);
    yield* instance.module.refs.put();
    yield* iommuGroupPut(group);
  },
);
