/** Processes: fork, exit, limits, credentials. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { fput } from '../files/fput';
import { copyStep } from '../task/mapping-steps';
import { Mm } from '../task/mm';
import { Task } from '../task/task';
import { systemCall } from './to-user';

/**
 * A child with the same open files and a copy of the address space. What the parent has pinned stays the parent's: the
 * child's frames are new. ENOMEM. `@kernel copy_process`
 */
export function* sysFork(parent: Task, pid: number): Op<Task | Errno> {
  const { system } = parent;
  const child = new Task(system, pid, new Mm(system.kernel, system.pages));
  yield* parent.mm.mmapLock.downWrite();
  const error = yield* copyStep(child.mm, parent.mm);
  yield* parent.mm.mmapLock.upWrite();
  for (const file of child.mm.deviceFiles()) yield* file.refs.get();
  if (error !== 0) {
    yield* child.mm.put();
    return error;
  }
  child.inherit(parent);
  yield* child.files.copyFrom(parent.files);
  return child;
}

/** The memory goes first, then every descriptor, lowest first. `@kernel do_exit` */
export function* sysExit(task: Task): Op<number | Errno> {
  return yield* systemCall(task, exit(task));
}

function* exit(task: Task): Op<number> {
  task.exited = true;
  yield* task.mm.put();
  yield* task.runReleases();
  for (const descriptor of task.files.descriptors()) {
    const file = yield* task.files.takeOut(descriptor);
    if (file === null) continue;
    yield* fput(file);
    yield* task.runReleases();
  }
  return 0;
}

/** RLIMIT_MEMLOCK's current value, in bytes. Takes effect at the next pin. `@kernel prlimit64` */
export function* sysSetMemlock(task: Task, bytes: bigint): Op<number> {
  task.memlockBytes = bytes;
  return 0;
}

/** All user ids at once; capabilities go with root's. EPERM: not root. `@kernel setresuid` */
export function* sysSetUid(task: Task, uid: number): Op<number | Errno> {
  if (task.uid !== 0 && task.uid !== uid) return 'EPERM';
  task.uid = uid;
  return 0;
}
