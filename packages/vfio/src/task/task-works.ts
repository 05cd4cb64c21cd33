/**
 * What a running system call has yet to do on its way out of the kernel: release files whose last reference went
 * meanwhile. Each thread has its own list and nobody else looks at it: no access is declared. `@kernel task_works`
 */
import type { Fiber, Undoable, World } from '@iommu-lab/explorer';
import type { OpenFile } from '../files/open-file';

interface Before {
  readonly fiber: Fiber;
  readonly files: readonly OpenFile[] | undefined;
}

export class TaskWorks implements Undoable {
  readonly #files = new Map<Fiber, readonly OpenFile[]>();

  constructor(
    private readonly world: World,
    readonly label: string,
  ) {}

  /** Precondition: a thread of the task runs. `@kernel task_work_add` */
  add(file: OpenFile): void {
    const fiber = this.world.current as Fiber;
    this.#set(fiber, [...(this.#files.get(fiber) ?? []), file]);
  }

  /** The oldest file of the running thread, taken off; null when there is none. */
  take(): OpenFile | null {
    const fiber = this.world.current as Fiber;
    const [first, ...rest] = this.#files.get(fiber) ?? [];
    if (first === undefined) return null;
    this.#set(fiber, rest);
    return first;
  }

  canonical(): unknown {
    return this.#files;
  }

  rollback(before: unknown): void {
    const { fiber, files } = before as Before;
    if (files === undefined) this.#files.delete(fiber);
    else this.#files.set(fiber, files);
  }

  #set(fiber: Fiber, files: readonly OpenFile[]): void {
    this.world.log(this, { fiber, files: this.#files.get(fiber) });
    if (files.length === 0) this.#files.delete(fiber);
    else this.#files.set(fiber, files);
  }
}
