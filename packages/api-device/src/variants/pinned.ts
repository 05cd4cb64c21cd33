/**
 * `device/pinned`: VFIO pins one of its registered devices and works through it. What keeps it from being unplugged
 * is the registration reference: unregistering waits for it.
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
  type Members,
  type MoveFailure,
  type Need,
  type OwnershipPort,
  type RegisteredDevice,
  type Target,
  type Variant,
} from '@iommu-lab/kernel';
import {
  deviceIommuCapable,
  iommuAttachDevice,
  iommuDetachDevice,
  iommuDetachGroup,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupReleaseDmaOwner,
  iommuPagingDomainAlloc,
} from '../api';

/** What is held from begin to end: a registered device with a registration reference on it. */
interface Handle {
  readonly device: Device;
  readonly members: Members;
  readonly member: RegisteredDevice;
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

  *begin({ members }: Target): Op<Handle | Errno> {
    if (members === null) return 'ENODEV';
    yield* members.lock.lock();
    let pinned: RegisteredDevice | null = null;
    for (const member of yield* members.list.load()) {
      if (yield* members.tryGet(member)) {
        pinned = member;
        break;
      }
    }
    yield* members.lock.unlock();
    return pinned === null ? 'ENODEV' : { device: pinned.device, members, member: pinned };
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

  *end({ members, member }: Handle): Op<void> {
    yield* members.put(member);
  },

  *detach(target: Target, detached: IommuDomain): Op<void> {
    if (target.device !== null) {
      yield* iommuDetachDevice(detached, target.device);
      return;
    }
    const handle = yield* domain.begin(target);
    if (isErrno(handle)) {
      yield* iommuDetachGroup(detached, target.group);
      return;
    }
    yield* iommuDetachDevice(detached, handle.device);
    yield* domain.end(handle);
  },
};

export const pinned: Variant = {
  id: 'device/pinned',
  title: 'Device interface; VFIO pins a registered device',
  eras: ['6.1', '6.12'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: [
    'At least one member is registered with VFIO: only such a device can be pinned.',
    'Unregistering a device waits for its registration references, also for the length of a replay.',
  ],
  sources: [
    'Robin Murphy, [PATCH v2 1/2] vfio/type1: Simplify bus_type determination, June 2022',
    'Jason Gunthorpe, 14 February 2022: pass a vfio_device and keep it from being unplugged',
  ],
};
