/**
 * `device/passed-in`: VFIO passes one of its registered devices into the attach, which works through it. Only attaching
 * has a device: a detach is passed the group, as before, and works by group.
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

/** What is held from begin to end: the representative that was passed in, with a registration reference on it. */
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

  *detach({ group }: Target, detached: IommuDomain): Op<void> {
    yield* iommuDetachGroup(detached, group);
  },
};

export const passedIn: Variant = {
  id: 'device/passed-in',
  title: 'Device interface; VFIO passes a registered device into the attach',
  eras: ['6.1', '6.12'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: [
    'At least one member is registered with VFIO: there is no other to pass.',
    'Unregistering a device waits for its registration references, also for the length of a replay.',
    'The interface by group stays for detaching, and detaches whatever a device attached.',
  ],
  sources: [
    'Jason Gunthorpe, June 2022: if the signature of attach_group changes, pass a representative vfio_device',
    'Jason Gunthorpe, 14 February 2022: pass a vfio_device and keep it from being unplugged',
  ],
};
