/**
 * A device leaves: off the list, released by its driver and forgotten in one critical section; with the last
 * member go the group's domains. From 6.6 on. `@kernel __iommu_group_remove_device`, `iommu_deinit_device` (read in 6.12)
 */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../../device';
import { freeGroupDomains, iommuGroupPut } from '../group-reference';
import { judgeEmptied } from './last-member';

export const releaseUnderMutex = kernelFunction(
  'iommu_release_device',
  function* releaseUnderMutex(device: Device): Op<void> {
    const group = yield* device.group.load();
    const instance = yield* device.iommu.load();
    if (group === null || instance === null) {
      // No driver has taken it up: nobody else frees what was made with it.
      yield* device.driverData.free();
      return;
    }
    yield* group.mutex.lock();
    yield* group.devices.remove(device);
    const emptied = yield* judgeEmptied(group);
    if (emptied === 'wrong') group.kernel.warn('__iommu_group_remove_device');
    yield* instance.driver.releaseDevice(instance, device);
    if (emptied !== 'members') yield* freeGroupDomains(group);
    yield* device.group.store(null);
    yield* device.iommu.store(null);
    yield* instance.module.refs.put();
    yield* group.mutex.unlock();
    yield* iommuGroupPut(group);
  },
);
