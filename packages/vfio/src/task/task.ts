/**
 * A process with one or more threads: address space, descriptors, limits, credentials. `@kernel struct task_struct`
 *
 * Leaves out: signals other than being killed, namespaces, capabilities beyond what being root gives. Attributes are read
 * and changed as part of the running step.
 */
import { Cell, type Op } from '@iommu-lab/explorer';
import { FileTable } from '../files/file-table';
import { type ReleasesLater, releaseFile } from '../files/fput';
import type { OpenFile } from '../files/open-file';
import type { VfioKernel } from '../vfio-kernel';
import type { Mm } from './mm';
import { TaskWorks } from './task-works';

/** What Debian's kernels give a root process: 8 MiB. */
const DEFAULT_MEMLOCK_BYTES = 8n << 20n;

interface Attributes {
  readonly uid: number;
  readonly memlockBytes: bigint;
  readonly killed: boolean;
  readonly exited: boolean;
}

const ROOT: Attributes = { uid: 0, memlockBytes: DEFAULT_MEMLOCK_BYTES, killed: false, exited: false };

export class Task implements ReleasesLater {
  readonly files: FileTable;
  readonly #attributes: Cell<Attributes>;
  readonly #works: TaskWorks;

  constructor(
    readonly system: VfioKernel,
    readonly pid: number,
    readonly mm: Mm,
  ) {
    const { world } = system;
    this.files = new FileTable(world, `task${pid}.files`);
    this.#attributes = new Cell<Attributes>(world, `task${pid}.attributes`, ROOT);
    this.#works = new TaskWorks(world, `task${pid}.task_works`);
  }

  get label(): string {
    return `task:${this.pid}`;
  }

  get uid(): number {
    return this.#attributes.readInStep().uid;
  }
  set uid(uid: number) {
    this.#change({ uid });
  }

  /** CAP_IPC_LOCK: locked memory is not limited. Goes when the user id is no longer root's. */
  get capIpcLock(): boolean {
    return this.uid === 0;
  }

  /** CAP_SYS_RAWIO, likewise. */
  get capSysRawio(): boolean {
    return this.uid === 0;
  }

  /** RLIMIT_MEMLOCK, current value, in bytes. */
  get memlockBytes(): bigint {
    return this.#attributes.readInStep().memlockBytes;
  }
  set memlockBytes(memlockBytes: bigint) {
    this.#change({ memlockBytes });
  }

  /** Whether a fatal signal is pending: killable waits answer EINTR. */
  get killed(): boolean {
    return this.#attributes.readInStep().killed;
  }
  set killed(killed: boolean) {
    this.#change({ killed });
  }

  get exited(): boolean {
    return this.#attributes.readInStep().exited;
  }
  set exited(exited: boolean) {
    this.#change({ exited });
  }

  /** Takes the child's copy of everything but memory and files. `@kernel copy_process` */
  inherit(parent: Task): void {
    this.#attributes.writeInStep(parent.#attributes.readInStep());
  }

  releaseLater(file: OpenFile): void {
    this.#works.add(file);
  }

  /** Releases what the call let go of. Runs on the way back to user space. `@kernel task_work_run` */
  *runReleases(): Op<void> {
    for (let file = this.#works.take(); file !== null; file = this.#works.take()) yield* releaseFile(file);
  }

  #change(change: Partial<Attributes>): void {
    this.#attributes.writeInStep({ ...this.#attributes.readInStep(), ...change });
  }
}
