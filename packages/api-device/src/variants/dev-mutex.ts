/**
 * `device/dev-mutex`: VFIO picks a member of the group, takes a reference to it and its mutex, and works through it.
 * What keeps it from being unplugged is the mutex: unbinding waits for it. What keeps the mutex is the reference. A
 * detach takes neither: it may be what an unbinding waits for, with the mutex held.
 */
import type { Op } from '@iommu-lab/explorer';
import {
  type Capability,
  type Device,
  type DmaOwner,
  type DomainPort,
  type Errno,
  type IommuDomain,
  isErrno,
  type MoveFailure,
  type Need,
  type OwnershipPort,
  type Target,
  type Variant,
} from '@iommu-lab/kernel';
import {
  deviceGet,
  deviceIommuCapable,
  devicePut,
  iommuAttachDevice,
  iommuDetachDevice,
  iommuDetachGroup,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupForEachDev,
  iommuGroupReleaseDmaOwner,
  iommuPagingDomainAlloc,
} from '../api';

/** What is held from begin to end: a device with a reference to it and its mutex. */
interface Handle {
  readonly device: Device;
}

const ownership: OwnershipPort = {
  *claim(target: Target, owner: DmaOwner): Op<0 | Errno> {
    return yield* iommuGroupClaimDmaOwner(target.group, owner);
  },

  *release(target: Target): Op<void> {
    yield* iommuGroupReleaseDmaOwner(target.group);
  },
};

const domain: DomainPort<Handle> = {
  attachTime: 'container',

  *begin({ group }: Target): Op<Handle | Errno> {
    const picked: Device[] = [];
    yield* iommuGroupForEachDev(group, function* pick(device) {
      yield* deviceGet(device);
      picked.push(device);
      return 1;
    });
    const [device] = picked;
    if (device === undefined) return 'ENODEV';
    yield* device.mutex.lock();
    if ((yield* device.state.load()) !== 'present') {
      yield* domain.end({ device });
      return 'ENODEV';
    }
    return { device };
  },

  *capable({ device }: Handle, _domain: IommuDomain | null, capability: Capability): Op<boolean> {
    return yield* deviceIommuCapable(device, capability);
  },

  *attachNew({ device }: Handle, _need: Need): Op<IommuDomain | Errno> {
    const made = yield* iommuPagingDomainAlloc(device);
    if (isErrno(made)) return made;
    const error = yield* iommuAttachDevice(made, device);
    if (error === 0) return made;
    yield* iommuDomainFree(made);
    return error;
  },

  *move({ device }: Handle, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure> {
    yield* iommuDetachDevice(from, device);
    const error = yield* iommuAttachDevice(to, device);
    if (error === 0) return 0;
    const back = yield* iommuAttachDevice(from, device);
    return back === 0 ? { errno: error, nowOn: from } : { errno: back, nowOn: null };
  },

  *end({ device }: Handle): Op<void> {
    yield* device.mutex.unlock();
    yield* devicePut(device);
  },

  *detach({ group, device }: Target, detached: IommuDomain): Op<void> {
    if (device !== null) yield* iommuDetachDevice(detached, device);
    else yield* iommuDetachGroup(detached, group);
  },
};

export const devMutex: Variant = {
  id: 'device/dev-mutex',
  title: 'Device interface; VFIO holds the mutex of a member',
  eras: ['6.1', '6.12'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: [
    "Nobody takes the container's lock, or waits for it, with the mutex of a member held: binding and unbinding do.",
    'Nobody waits with the mutex of a member held for what an attach is to do.',
    'A device is removed only after its mutex was taken once more.',
  ],
  sources: [
    'Robin Murphy, 14 February 2022: the mutex of the device is heavy-handed and risky',
    "Jason Gunthorpe, 14 February 2022: not inside the container's lock, which probe takes under it",
  ],
};
