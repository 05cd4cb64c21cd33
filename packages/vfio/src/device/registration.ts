/** References to a registration: what an open device file holds, and what keeps unregistering waiting. */
import type { Op } from '@iommu-lab/explorer';
import type { VfioDevice } from './vfio-device';

/** Drops one; the last one lets `unregister` go on. `@kernel vfio_device_put_registration` */
export function* putRegistration(device: VfioDevice): Op<void> {
  if (yield* device.registration.put()) yield* device.unregistered.complete();
}
