/** What the files of groups do differently from kernel to kernel: with a lock of the group's own, or without one. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import type { IoctlArgument } from '../ioctl/argument';
import type { Task } from '../task/task';
import type { VfioKernel } from '../vfio-kernel';
import { groupNumbered } from './find-or-create';
import { vfioGroupGetStatus } from './get-status';
import { closeGroupFile, type GroupFile, openGroupFile } from './group-file';
import { vfioGroupSetContainer, vfioGroupUnsetContainer } from './set-container';
import type { VfioGroup } from './vfio-group';
import { setContainer, unsetContainer } from './without-lock/container';
import {
  closeGroup,
  getStatus,
  getStatusByOwner,
  mayGiveDevices,
  mayGiveOwnedDevices,
  openGroup,
} from './without-lock/file';
import { groupOfNumber, putGroup } from './without-lock/lifetime';

export interface GroupEra {
  /** The group behind the number of a file in /dev/vfio, with a reference on it, or null. */
  find(system: VfioKernel, number: number): Op<VfioGroup | null>;
  /** Drops a reference. */
  put(group: VfioGroup): Op<void>;
  /** The file takes over a reference to the group; after an error the caller drops it. */
  open(group: VfioGroup): Op<GroupFile | Errno>;
  /** The file's end: its reference goes too. */
  close(group: VfioGroup): Op<void>;
  getStatus(group: VfioGroup, argument: IoctlArgument): Op<0 | Errno>;
  setContainer(group: VfioGroup, task: Task, argument: IoctlArgument): Op<0 | Errno>;
  unsetContainer(group: VfioGroup): Op<0 | Errno>;
  /** What GET_DEVICE_FD asks before it looks at the name. */
  mayGiveDevices(group: VfioGroup): Op<0 | Errno>;
}

/** Nothing: whether a device can be opened is asked when it is. */
function* always(): Op<0 | Errno> {
  return 0;
}

/** From 6.1 on. */
export const GROUP_WITH_LOCK: GroupEra = {
  find: groupNumbered,
  put: (group) => group.put(),
  open: openGroupFile,
  close: closeGroupFile,
  getStatus: vfioGroupGetStatus,
  setContainer: vfioGroupSetContainer,
  unsetContainer: vfioGroupUnsetContainer,
  mayGiveDevices: always,
};

/** The tree of February 2022: owners, and still no lock. */
export const GROUP_OWNED_WITHOUT_LOCK: GroupEra = {
  find: groupOfNumber,
  put: putGroup,
  open: openGroup,
  close: closeGroup,
  getStatus: getStatusByOwner,
  setContainer,
  unsetContainer,
  mayGiveDevices: mayGiveOwnedDevices,
};

/** Up to 5.17. */
export const GROUP_WITHOUT_LOCK: GroupEra = {
  find: groupOfNumber,
  put: putGroup,
  open: openGroup,
  close: closeGroup,
  getStatus,
  setContainer,
  unsetContainer,
  mayGiveDevices,
};
