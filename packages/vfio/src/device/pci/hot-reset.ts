/**
 * Resetting a whole bus. GET_PCI_HOT_RESET_INFO:
 * `struct vfio_pci_hot_reset_info { u32 argsz, flags, count; { u32 group_id; u16 segment; u8 bus, devfn } devices[] }`;
 * PCI_HOT_RESET: `struct vfio_pci_hot_reset { u32 argsz, flags, count; s32 group_fds[] }`.
 */
import type { PciFunction } from '@iommu-lab/core';
import { kernelFunction, type Op } from '@iommu-lab/explorer';
import { type Errno, iommuGroupGet, iommuGroupPut, isErrno } from '@iommu-lab/kernel';
import { fput } from '../../files/fput';
import type { OpenFile } from '../../files/open-file';
import { GroupFile } from '../../group/group-file';
import { copyFromUser, copyToUser, type IoctlArgument, readU32, writeU32 } from '../../ioctl/argument';
import { hwResetTogether } from '../../pci/config-cycles';
import type { Task } from '../../task/task';
import type { VfioPciDevice } from './vfio-pci-device';

export const HOT_RESET_HEADER_BYTES = 12;
export const HOT_RESET_DEVICE_BYTES = 8;

/**
 * Which functions a hot reset of this device would reset, and their groups. EFAULT; EINVAL: argsz is too small for the
 * header; ENODEV: the bus cannot be reset; ENOSPC: argsz is too small for the list, `count` says how many there are;
 * EPERM: one of them is in no group. `@kernel vfio_pci_ioctl_get_pci_hot_reset_info`
 */
export const hotResetInfo = kernelFunction(
  'vfio_pci_ioctl_get_pci_hot_reset_info',
  function* hotResetInfo(device: VfioPciDevice, argument: IoctlArgument): Op<0 | Errno> {
    const header = copyFromUser(argument, HOT_RESET_HEADER_BYTES);
    if (header === 'EFAULT') return 'EFAULT';
    const argsz = readU32(header, 0);
    if (argsz < HOT_RESET_HEADER_BYTES) return 'EINVAL';
    const { hardware } = device.system;
    if (!hardware.busCanReset(device.function_)) return 'ENODEV';
    const functions = hardware.onBusOf(device.function_);
    const list = yield* describeFunctions(device, functions);
    if (isErrno(list)) return list;
    writeU32(header, 4, 0);
    writeU32(header, 8, functions.length);
    if (argsz < HOT_RESET_HEADER_BYTES + list.length) return 'ENOSPC';
    return copyToUser(argument, HOT_RESET_HEADER_BYTES, list);
  },
);

function* describeFunctions(
  device: VfioPciDevice,
  functions: readonly PciFunction[],
): Op<Uint8Array | Errno> {
  const list = new DataView(new ArrayBuffer(functions.length * HOT_RESET_DEVICE_BYTES));
  for (const [index, function_] of functions.entries()) {
    const sibling = device.system.kernel.findDevice(function_.address);
    const group = sibling === null ? null : yield* iommuGroupGet(sibling);
    if (group === null) return 'EPERM';
    const at = index * HOT_RESET_DEVICE_BYTES;
    list.setUint32(at, group.id, true);
    list.setUint16(at + 4, function_.segment, true);
    list.setUint8(at + 6, function_.bus);
    list.setUint8(at + 7, function_.devfn);
    yield* iommuGroupPut(group);
  }
  return new Uint8Array(list.buffer);
}

/**
 * Resets the device's bus. The caller proves with group descriptors that all that is reset is its own. EFAULT; ENODEV:
 * the bus cannot be reset; EBADF: a descriptor is not open; EINVAL: argsz, flags, no or too many descriptors, one that
 * is no group, a function that is not bound to vfio-pci, or one whose group was not named.
 * `@kernel vfio_pci_ioctl_pci_hot_reset`
 */
export const hotReset = kernelFunction(
  'vfio_pci_ioctl_pci_hot_reset',
  function* hotReset(device: VfioPciDevice, task: Task, argument: IoctlArgument): Op<0 | Errno> {
    const header = copyFromUser(argument, HOT_RESET_HEADER_BYTES);
    if (header === 'EFAULT') return 'EFAULT';
    const count = readU32(header, 8);
    if (readU32(header, 0) < HOT_RESET_HEADER_BYTES || readU32(header, 4) !== 0 || count === 0)
      return 'EINVAL';
    const { hardware } = device.system;
    if (!hardware.busCanReset(device.function_)) return 'ENODEV';
    if (count > hardware.onBusOf(device.function_).length) return 'EINVAL';
    const whole = copyFromUser(argument, HOT_RESET_HEADER_BYTES + count * 4);
    if (whole === 'EFAULT') return 'EFAULT';
    const files: OpenFile[] = [];
    let error: 0 | Errno = 0;
    for (let n = 0; n < count && error === 0; n++) {
      const file = yield* task.files.get(whole.getInt32(HOT_RESET_HEADER_BYTES + n * 4, true));
      if (file === null) error = 'EBADF';
      else if (!(file instanceof GroupFile)) error = 'EINVAL';
      if (file !== null) files.push(file);
    }
    if (error === 0) error = yield* resetSet(device, files);
    for (const file of files) yield* fput(file);
    return error;
  },
);

/** `@kernel vfio_pci_dev_set_hot_reset` */
function* resetSet(device: VfioPciDevice, files: readonly OpenFile[]): Op<0 | Errno> {
  const set = device.deviceSet;
  yield* set.lock.lock();
  const members = yield* membersOf(device);
  const owned = members.every((member) => files.some((file) => isGroupOf(file, member)));
  let error: 0 | Errno = 'EINVAL';
  if (owned && allBound(device, members)) {
    // Nobody reaches a BAR while it is reset.
    for (const member of members) yield* member.memoryLock.downWrite();
    yield* hwResetTogether(members.map((member) => member.space));
    for (const member of members) yield* member.memoryLock.upWrite();
    error = 0;
  }
  yield* set.lock.unlock();
  return error;
}

/** Only vfio-pci makes device sets that are named by a bus. Precondition: the set's lock is held. */
function* membersOf(device: VfioPciDevice): Op<readonly VfioPciDevice[]> {
  return (yield* device.deviceSet.devices.load()) as readonly VfioPciDevice[];
}

/** `@kernel vfio_file_has_dev` */
function isGroupOf(file: OpenFile, member: VfioPciDevice): boolean {
  return file instanceof GroupFile && file.group === member.group;
}

/** Whether every function on the bus is in the set: none has another driver or none. `@kernel vfio_pci_dev_set_resettable` */
function allBound(device: VfioPciDevice, members: readonly VfioPciDevice[]): boolean {
  const { hardware } = device.system;
  if (!hardware.busCanReset(device.function_)) return false;
  return hardware
    .onBusOf(device.function_)
    .every((function_) => members.some((member) => member.function_ === function_));
}

/**
 * After the last close of a whole set that cannot be reset one by one: resets all of it.
 * Precondition: the set's lock is held. `@kernel vfio_pci_dev_set_try_reset`
 */
export function* trySetReset(device: VfioPciDevice): Op<void> {
  const members = yield* membersOf(device);
  let needed = false;
  for (const member of members) {
    // The device that is being closed still counts itself.
    const open = (yield* member.openCount.load()) - (member === device ? 1 : 0);
    if (open > 0) return;
    if (yield* member.needsReset.load()) needed = true;
  }
  if (!needed || !allBound(device, members)) return;
  yield* hwResetTogether(members.map((member) => member.space));
  for (const member of members) yield* member.needsReset.store(false);
}
