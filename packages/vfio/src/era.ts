/** What VFIO does differently from kernel to kernel: whole functions, chosen by era. */
import type { Op } from '@iommu-lab/explorer';
import type { EraId, Errno } from '@iommu-lab/kernel';
import { FEATURES_DMA_BUF, FEATURES_LOW_POWER, type Feature } from './device/feature';
import type { VfioDevice } from './device/vfio-device';
import { closeCountedUser, openCountedUser } from './era/open-device/counted-user';
import { closeGroupLockInside, openGroupLockInside } from './era/open-device/group-lock-inside-device-set';
import { closeGroupLockOutside, openGroupLockOutside } from './era/open-device/group-lock-outside-device-set';
import { registerCoherencyThenGroup } from './era/register/coherency-then-group';
import { registerGroupOnly } from './era/register/group-only';
import { registerGroupThenCoherency } from './era/register/group-then-coherency';
import { unregisterListThenWait } from './era/unregister/list-then-wait';
import { unregisterWaitThenList } from './era/unregister/wait-then-list';
import {
  unregisterOwnedWaitThenListThenContainer,
  unregisterWaitThenListThenContainer,
} from './era/unregister/wait-then-list-then-container';
import { GROUP_OWNED_WITHOUT_LOCK, GROUP_WITH_LOCK, GROUP_WITHOUT_LOCK, type GroupEra } from './group/era';
import { TYPE1_5_10, TYPE1_6_1, TYPE1_6_12, TYPE1_7_2, TYPE1_2022_02, type Type1Era } from './type1/era';

export interface VfioEra {
  /** Groups and their files. */
  readonly group: GroupEra;
  /** SET_CONTAINER's answer to an open file that is no container. */
  readonly setContainerToOtherFile: Errno;
  /** Puts a device into its group. */
  registerDevice(device: VfioDevice): Op<0 | Errno>;
  /** Takes a device out of its group; waits until user space has let go of it. */
  unregisterDevice(device: VfioDevice): Op<void>;
  /** One more open file of the device. Precondition: the caller has a registration reference. */
  openDevice(device: VfioDevice): Op<0 | Errno>;
  /** One less. */
  closeDevice(device: VfioDevice): Op<void>;
  /** What VFIO_DEVICE_FEATURE offers of a vfio-pci device. */
  readonly features: readonly Feature[];
  readonly type1: Type1Era;
}

const ERAS: Partial<Record<EraId, VfioEra>> = {
  '5.10': {
    group: GROUP_WITHOUT_LOCK,
    setContainerToOtherFile: 'EINVAL',
    registerDevice: registerGroupOnly,
    unregisterDevice: unregisterWaitThenListThenContainer,
    openDevice: openCountedUser,
    closeDevice: closeCountedUser,
    features: [],
    type1: TYPE1_5_10,
  },
  '2022-02': {
    group: GROUP_OWNED_WITHOUT_LOCK,
    setContainerToOtherFile: 'EINVAL',
    registerDevice: registerGroupOnly,
    unregisterDevice: unregisterOwnedWaitThenListThenContainer,
    openDevice: openCountedUser,
    closeDevice: closeCountedUser,
    features: [],
    type1: TYPE1_2022_02,
  },
  '6.1': {
    group: GROUP_WITH_LOCK,
    setContainerToOtherFile: 'EINVAL',
    registerDevice: registerCoherencyThenGroup,
    unregisterDevice: unregisterWaitThenList,
    openDevice: openGroupLockInside,
    closeDevice: closeGroupLockInside,
    features: FEATURES_LOW_POWER,
    type1: TYPE1_6_1,
  },
  '6.12': {
    group: GROUP_WITH_LOCK,
    setContainerToOtherFile: 'EBADFD',
    registerDevice: registerGroupThenCoherency,
    unregisterDevice: unregisterListThenWait,
    openDevice: openGroupLockOutside,
    closeDevice: closeGroupLockOutside,
    features: FEATURES_LOW_POWER,
    type1: TYPE1_6_12,
  },
  '7.2': {
    group: GROUP_WITH_LOCK,
    setContainerToOtherFile: 'EBADFD',
    registerDevice: registerGroupThenCoherency,
    unregisterDevice: unregisterListThenWait,
    openDevice: openGroupLockOutside,
    closeDevice: closeGroupLockOutside,
    features: FEATURES_DMA_BUF,
    type1: TYPE1_7_2,
  },
};

/** @throws TypeError for an era that VFIO has no functions for. */
export function vfioEra(id: EraId): VfioEra {
  const era = ERAS[id];
  if (era === undefined) throw new TypeError(`VFIO has no functions for era ${id}`);
  return era;
}
