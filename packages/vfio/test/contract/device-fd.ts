/** The reference variant as it would be if it allocated and attached with the first open device of a group. */
import type { Op } from '@iommu-lab/explorer';
import {
  type Capability,
  type Device,
  type DomainPort,
  deviceIommuCapable,
  type Errno,
  type IommuDomain,
  type IommuGroup,
  iommuAttachGroup,
  iommuDetachGroup,
  iommuDomainFree,
  iommuPagingDomainAlloc,
  isErrno,
  type MoveFailure,
  referenceVariant,
  type Target,
  type Variant,
} from '@iommu-lab/kernel';

/** The open device, which its file keeps registered. */
interface Handle {
  readonly device: Device;
  readonly group: IommuGroup;
}

const domain: DomainPort<Handle> = {
  attachTime: 'device-fd',

  *begin({ device, group }: Target): Op<Handle | Errno> {
    return device === null ? 'ENODEV' : { device, group };
  },

  *capable({ device }: Handle, _domain: IommuDomain | null, capability: Capability): Op<boolean> {
    return yield* deviceIommuCapable(device, capability);
  },

  *attachNew({ device, group }: Handle): Op<IommuDomain | Errno> {
    const made = yield* iommuPagingDomainAlloc(device);
    if (isErrno(made)) return made;
    const error = yield* iommuAttachGroup(made, group);
    if (error === 0) return made;
    yield* iommuDomainFree(made);
    return error;
  },

  *move({ group }: Handle, from: IommuDomain, to: IommuDomain): Op<0 | MoveFailure> {
    yield* iommuDetachGroup(from, group);
    const error = yield* iommuAttachGroup(to, group);
    if (error === 0) return 0;
    const back = yield* iommuAttachGroup(from, group);
    return back === 0 ? { errno: error, nowOn: from } : { errno: back, nowOn: null };
  },

  *end(): Op<void> {},

  *detach(target: Target, detached: IommuDomain): Op<void> {
    yield* iommuDetachGroup(detached, target.group);
  },
};

export const atDeviceFd: Variant = {
  ...referenceVariant,
  id: 'testing/at-device-fd',
  title: 'The reference, attached with the first open device',
  ports: { ownership: referenceVariant.ports.ownership, domain },
};
