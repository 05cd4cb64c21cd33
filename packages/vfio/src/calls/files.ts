/** Opening, closing, duplicating, reading and writing. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { sysClose, sysDup, sysRead, sysWrite } from '../syscall/descriptors';
import { sysEventfd, sysOpen } from '../syscall/open';
import { sysSetMemlock, sysSetUid } from '../syscall/process';
import type { Task } from '../task/task';
import { NOTHING, type UserCall } from './user-call';

function call(name: string, run: (task: Task) => Op<number | Errno>): UserCall {
  return { name, run, out: () => NOTHING };
}

/** Returns the new descriptor, as all calls that open something. */
export function openPath(path: string): UserCall {
  return call('open', (task) => sysOpen(task, path));
}

/** A new container. */
export function openContainer(): UserCall {
  return openPath('/dev/vfio/vfio');
}

/** `number`: the IOMMU group's. */
export function openGroup(number: number): UserCall {
  return openPath(`/dev/vfio/${number}`);
}

/** A new eventfd, not signalled. */
export function openEventfd(): UserCall {
  return call('eventfd', (task) => sysEventfd(task));
}

/** EBADF. */
export function closeFile(fd: number): UserCall {
  return call('close', (task) => sysClose(task, fd));
}

/** A second descriptor of the same file. EBADF. */
export function duplicate(fd: number): UserCall {
  return call('dup', (task) => sysDup(task, fd));
}

/** Reads at the file's own position and forgets what was read. */
export function readFile(fd: number, length: number): UserCall {
  return call('read', (task) => sysRead(task, fd, new Uint8Array(length)));
}

/** Writes zeros at the file's own position. */
export function writeFile(fd: number, length: number): UserCall {
  return call('write', (task) => sysWrite(task, fd, new Uint8Array(length)));
}

/** RLIMIT_MEMLOCK, in bytes. */
export function setMemlockLimit(bytes: bigint): UserCall {
  return call('setrlimit', (task) => sysSetMemlock(task, bytes));
}

/** EPERM: only root can become somebody else. */
export function setUserId(uid: number): UserCall {
  return call('setresuid', (task) => sysSetUid(task, uid));
}
