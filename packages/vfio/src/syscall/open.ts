/** Opening files by path, and making eventfds. */
import type { Op } from '@iommu-lab/explorer';
import { type Errno, isErrno } from '@iommu-lab/kernel';
import { ContainerFile } from '../container/container-file';
import { EventFile } from '../files/event-file';
import { NullFile } from '../files/null-file';
import type { OpenFile } from '../files/open-file';
import type { Task } from '../task/task';
import { systemCall } from './to-user';

const VFIO_FOLDER = '/dev/vfio/';

/**
 * A descriptor. ENOENT: no such file; a group has one while one of its devices is registered. EACCES: /dev/vfio is
 * root's alone. Otherwise the errors of opening a group. `@kernel do_sys_open`
 */
export function* sysOpen(task: Task, path: string): Op<number | Errno> {
  return yield* systemCall(task, openPath(task, path));
}

function* openPath(task: Task, path: string): Op<number | Errno> {
  const file = yield* fileAt(task, path);
  return isErrno(file) ? file : yield* task.files.install(file);
}

function* fileAt(task: Task, path: string): Op<OpenFile | Errno> {
  const { system } = task;
  if (path === '/dev/null') return new NullFile(system.kernel);
  if (!path.startsWith(VFIO_FOLDER)) return 'ENOENT';
  if (task.uid !== 0) return 'EACCES';
  const name = path.slice(VFIO_FOLDER.length);
  if (name === 'vfio') return new ContainerFile(system);
  const group = /^[0-9]+$/.test(name) ? yield* system.era.group.find(system, Number(name)) : null;
  if (group === null) return 'ENOENT';
  const file = yield* system.era.group.open(group);
  if (isErrno(file)) yield* system.era.group.put(group);
  return file;
}

/** A descriptor of a new eventfd. `@kernel eventfd2` */
export function* sysEventfd(task: Task): Op<number | Errno> {
  return yield* task.files.install(new EventFile(task.system.kernel));
}
