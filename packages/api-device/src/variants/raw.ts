/**
 * `device/raw`: VFIO picks a member of the group and works through it. Nothing keeps it from being unplugged: the
 * pointer outlives the lock under which it was found.
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
  deviceIommuCapable,
  iommuAttachDevice,
  iommuDetachDevice,
  iommuDetachGroup,
  iommuDomainFree,
  iommuGroupClaimDmaOwner,
  iommuGroupForEachDev,
  iommuGroupReleaseDmaOwner,
  iommuPagingDomainAlloc,
} from '../api';

/** What is held from begin to end: a pointer to a device, and no reference. */
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
      picked.push(device);
      return 1;
    });
    const [device] = picked;
    return device === undefined ? 'ENODEV' : { device };
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

  *end(_handle: Handle): Op<void> {},

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

export const raw: Variant = {
  id: 'device/raw',
  title: 'Device interface; VFIO keeps a pointer to a member',
  eras: ['6.1', '6.12'],
  defaultEra: '6.12',
  supports: [],
  ports: { ownership, domain },
  preconditions: [
    'No member of the group is removed from begin to end: neither a lock nor a reference sees to it.',
    'The picked member keeps its IOMMU and its group from begin to end.',
  ],
  sources: [
    'Jason Gunthorpe, work in progress 9f37d8c17c9b, February 2022',
    'Robin Murphy, 14 February 2022: what keeps the device from being unplugged?',
  ],
};
