/**
 * A task's descriptors. Looking one up and taking the file's reference is one step, as `get_file_rcu` makes it.
 * `@kernel struct files_struct`
 *
 * Leaves out: RLIMIT_NOFILE, close-on-exec, sharing one table between processes.
 */
import {
  AccessKind,
  Location,
  type OperationKind,
  type Owner,
  type PendingOperation,
  type Step,
} from '@iommu-lab/explorer';
import type { OpenFile } from './open-file';

/** Descriptors 0 to 2 are taken by what the program was started with. */
const FIRST_DESCRIPTOR = 3;

const FGET: OperationKind = {
  name: 'fget',
  enabled: null,
  execute: (p) => (p.target as FileTable).getNow(p.number0),
  declare: (p) => (p.target as FileTable).declareGet(p),
};
const INSTALL: OperationKind = {
  name: 'fd_install',
  enabled: null,
  execute: (p) => (p.target as FileTable).installNow(p.argument as OpenFile),
};
const TAKE_OUT: OperationKind = {
  name: 'file_close_fd',
  enabled: null,
  execute: (p) => (p.target as FileTable).takeOutNow(p.number0),
};

const COPY: OperationKind = {
  name: 'dup_fd',
  enabled: null,
  execute: (p) => (p.target as FileTable).copyNow(p.argument as FileTable),
  declare: (p) => (p.target as FileTable).declareCopy(p, p.argument as FileTable),
};

export class FileTable extends Location {
  #files: readonly (OpenFile | null)[] = [];

  constructor(owner: Owner, name: string) {
    super(owner, name, null);
  }

  /** The file behind a descriptor, for inspection from outside of the execution; null where none is open. */
  at(descriptor: number): OpenFile | null {
    this.owner.world.recorder?.touch(this, false, undefined);
    return this.#files[descriptor - FIRST_DESCRIPTOR] ?? null;
  }

  /** The same as part of the running step. It takes no reference: the program knows what it has open. */
  atInStep(descriptor: number): OpenFile | null {
    this.accessInStep(AccessKind.READ);
    return this.at(descriptor);
  }

  /** All open descriptors, lowest first, as part of the running step. */
  descriptors(): number[] {
    this.accessInStep(AccessKind.READ);
    return this.#files.flatMap((file, index) => (file === null ? [] : [index + FIRST_DESCRIPTOR]));
  }

  /** The file with a reference on it, or null: EBADF. The caller puts it. `@kernel fget` */
  get(descriptor: number): Step<OpenFile | null> {
    this.access(FGET, AccessKind.READ).number0 = descriptor;
    return this.owner.world.submit();
  }

  /** Puts a file at the lowest free descriptor, which takes over the caller's reference. */
  install(file: OpenFile): Step<number> {
    this.access(INSTALL, AccessKind.WRITE).argument = file;
    return this.owner.world.submit();
  }

  /** Frees a descriptor and hands its reference to the caller; null where none is open. */
  takeOut(descriptor: number): Step<OpenFile | null> {
    this.access(TAKE_OUT, AccessKind.WRITE).number0 = descriptor;
    return this.owner.world.submit();
  }

  /** Fills this table with another's files, a reference on each. For fork. `@kernel dup_fd` */
  copyFrom(source: FileTable): Step<void> {
    this.access(COPY, AccessKind.WRITE).argument = source;
    return this.owner.world.submit();
  }

  declareGet(pending: PendingOperation): void {
    pending.accesses.add(this.location, AccessKind.READ);
    declareTaken(pending, this.at(pending.number0));
  }

  declareCopy(pending: PendingOperation, source: FileTable): void {
    pending.accesses.add(this.location, AccessKind.WRITE);
    pending.accesses.add(source.location, AccessKind.READ);
    for (const file of source.#files) declareTaken(pending, file);
  }

  copyNow(source: FileTable): void {
    for (const file of source.#files) file?.refs.increment();
    this.#set(source.#files);
  }

  getNow(descriptor: number): OpenFile | null {
    const file = this.at(descriptor);
    file?.refs.increment();
    return file;
  }

  installNow(file: OpenFile): number {
    const free = this.#files.indexOf(null);
    const index = free < 0 ? this.#files.length : free;
    this.#set(withItem(this.#files, index, file));
    return index + FIRST_DESCRIPTOR;
  }

  takeOutNow(descriptor: number): OpenFile | null {
    const file = this.at(descriptor);
    if (file !== null) this.#set(withItem(this.#files, descriptor - FIRST_DESCRIPTOR, null));
    return file;
  }

  snapshot(): unknown {
    return this.#files;
  }

  rollback(before: unknown): void {
    this.#files = before as readonly (OpenFile | null)[];
  }

  #set(files: readonly (OpenFile | null)[]): void {
    this.owner.world.log(this, this.#files);
    this.#files = files;
  }
}

/** A reference is taken to the file, if there is one. */
function declareTaken(pending: PendingOperation, file: OpenFile | null): void {
  if (file === null) return;
  pending.accesses.add(file.refs.location, AccessKind.INCREMENT);
  pending.accesses.add(file.lifeLocation, AccessKind.READ);
}

function withItem(
  files: readonly (OpenFile | null)[],
  index: number,
  file: OpenFile | null,
): readonly (OpenFile | null)[] {
  const changed = [...files];
  changed[index] = file;
  return changed;
}
