/** eventfd: a counter that the kernel signals and user space waits for. `@kernel fs/eventfd.c` */
import { Cell, KernelObject, type Op, Refcount, type World } from '@iommu-lab/explorer';
import type { Errno, Kernel } from '@iommu-lab/kernel';
import type { Task } from '../task/task';
import { fput } from './fput';
import { OpenFile } from './open-file';

/** What outlives the file as long as somebody may signal it. `@kernel struct eventfd_ctx` */
export class EventContext extends KernelObject {
  readonly refs: Refcount;
  readonly count: Cell<number>;

  constructor(world: World) {
    super(world, 'eventfd_ctx');
    this.refs = new Refcount(this, 'kref', 1);
    this.count = new Cell(this, 'count', 0);
  }

  /** `@kernel eventfd_signal` */
  *signal(): Op<void> {
    yield* this.count.store((yield* this.count.load()) + 1);
  }

  /** `@kernel eventfd_ctx_put` */
  *put(): Op<void> {
    if (yield* this.refs.put()) yield* this.free();
  }
}

export class EventFile extends OpenFile {
  readonly context: EventContext;

  constructor(kernel: Kernel) {
    super(kernel, 'file.eventfd');
    this.context = new EventContext(kernel.world);
  }

  override *ioctl(): Op<number | Errno> {
    return 'ENOTTY';
  }

  /** Waits for a signal, reads the counter into 8 bytes and clears it. EINVAL: less room. `@kernel eventfd_read` */
  override *read(_task: Task, target: Uint8Array): Op<number | Errno> {
    if (target.length < 8) return 'EINVAL';
    const count = yield* this.context.count.waitUntil((value) => value > 0);
    yield* this.context.count.store(0);
    new DataView(target.buffer, target.byteOffset).setBigUint64(0, BigInt(count), true);
    return 8;
  }

  /** Adds the number in 8 bytes. EINVAL: less of them. `@kernel eventfd_write` */
  override *write(_task: Task, source: Uint8Array): Op<number | Errno> {
    if (source.length < 8) return 'EINVAL';
    const added = Number(new DataView(source.buffer, source.byteOffset).getBigUint64(0, true));
    yield* this.context.count.store((yield* this.context.count.load()) + added);
    return 8;
  }

  override *release(): Op<void> {
    yield* this.context.put();
  }
}

/** The context behind a descriptor with a reference on it. EBADF; EINVAL: another kind of file. `@kernel eventfd_ctx_fdget` */
export function* eventContext(task: Task, descriptor: number): Op<EventContext | Errno> {
  const file = yield* task.files.get(descriptor);
  if (file === null) return 'EBADF';
  const context = file instanceof EventFile ? file.context : null;
  if (context !== null) yield* context.refs.get();
  yield* fput(file);
  return context ?? 'EINVAL';
}
