/** Unregistering waits for user space to let go of the device. */
import type { Op } from '@iommu-lab/explorer';
import { putRegistration } from './registration';
import type { VfioDevice } from './vfio-device';

const REQUEST_INTERVAL_MS = 10_000;

/**
 * Drops the registration's own reference and waits for all others; user space is asked for the device at once and
 * every ten seconds. `@kernel vfio_unregister_group_dev`
 */
export function* waitForUsers(device: VfioDevice): Op<void> {
  yield* putRegistration(device);
  let done = yield* device.unregistered.waitTimeout(0);
  for (let count = 0; !done; count++) {
    yield* device.request(count);
    done = yield* device.unregistered.waitTimeout(REQUEST_INTERVAL_MS);
  }
}
