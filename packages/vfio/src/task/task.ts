/**
 * A process with one or more threads: address space, descriptors, limits, credentials. `@kernel struct task_struct`
 *
 * Leaves out: signals other than being killed, namespaces, capabilities beyond what being root gives.
 */
import { Cell, type Op } from '@iommu-lab/explorer';
import { FileTable } from '../files/file-table';
import { type ReleasesLater, releaseFile } from '../files/fput';
import type { OpenFile } from '../files/open-file';
import type { VfioKernel } from '../vfio-kernel';
import type { Mm } from './mm';

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
  /** Files whose last reference went during the running call. `@kernel task_works` */
  readonly #releases: Cell<readonly OpenFile[]>;

  constructor(
    readonly system: VfioKernel,
    readonly pid: number,
    readonly mm: Mm,
  ) {
    const { world } = system;
    this.files = new FileTable(world, `task${pid}.files`);
    this.#attributes = new Cell<Attributes>(world, `task${pid}.attributes`, ROOT);
    this.#releases = new Cell<readonly OpenFile[]>(world, `task${pid}.task_works`, []);
  }

  get label(): string {
    return `task:${this.pid}`;
  }

  get uid(): number {
    return this.#attributes.value.uid;
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
    return this.#attributes.value.memlockBytes;
  }
  set memlockBytes(memlockBytes: bigint) {
    this.#change({ memlockBytes });
  }

  /** Whether a fatal signal is pending: killable waits answer EINTR. */
  get killed(): boolean {
    return this.#attributes.value.killed;
  }
  set killed(killed: boolean) {
    this.#change({ killed });
  }

  get exited(): boolean {
    return this.#attributes.value.exited;
  }
  set exited(exited: boolean) {
    this.#change({ exited });
  }

  /** Takes the child's copy of everything but memory and files. `@kernel copy_process` */
  inherit(parent: Task): void {
    this.#attributes.set(parent.#attributes.value);
  }

  releaseLater(file: OpenFile): void {
    this.#releases.set([...this.#releases.value, file]);
  }

  /** Releases what the call let go of. Runs on the way back to user space. `@kernel task_work_run` */
  *runReleases(): Op<void> {
    for (;;) {
      const [first, ...rest] = this.#releases.value;
      if (first === undefined) return;
      this.#releases.set(rest);
      yield* releaseFile(first);
    }
  }

  #change(change: Partial<Attributes>): void {
    this.#attributes.set({ ...this.#attributes.value, ...change });
  }
}
