/** Walking a group's members under its lock. */
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import type { Device } from '../device';
import type { IommuGroup } from '../group';

/**
 * Calls `visit` for each member until one call answers something other than 0, and returns that answer.
 * Holds group.mutex meanwhile: `visit` must not take it. What `visit` lets escape is not protected afterwards.
 * `@kernel iommu_group_for_each_dev`
 */
export const iommuGroupForEachDev = kernelFunction(
  'iommu_group_for_each_dev',
  function* iommuGroupForEachDev(group: IommuGroup, visit: (device: Device) => Op<number>): Op<number> {
    yield* group.mutex.lock();
    let answer = 0;
    for (const device of yield* group.devices.load()) {
      answer = yield* visit(device);
      if (answer !== 0) break;
    }
    yield* group.mutex.unlock();
    return answer;
  },
);
