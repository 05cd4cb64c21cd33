/** One booted machine with VFIO, its user processes and its root shell: what workloads run on. */
import type { Fiber, WorldCheckpoint } from '@iommu-lab/explorer';
import { type Errno, isErrno, Kernel, type KernelConfig, type Variant } from '@iommu-lab/kernel';
import { type Answer, answerOf, toAnswer } from './answer';
import { differences } from './audit/compare';
import { type Snapshot, takeSnapshot } from './audit/snapshot';
import type { Out, UserCall } from './calls/user-call';
import { otherDrivers } from './drivers/other';
import { vfioPciDriver } from './drivers/vfio-pci';
import { EventFile } from './files/event-file';
import type { IoctlArgument } from './ioctl/argument';
import { sysClose, sysDup, sysIoctl, sysPread, sysPwrite, sysRead, sysWrite } from './syscall/descriptors';
import { type Mapping, sysMmap, sysMunmap } from './syscall/mappings';
import { sysEventfd, sysOpen } from './syscall/open';
import { sysExit, sysFork, sysSetMemlock, sysSetUid } from './syscall/process';
import { Sysfs } from './sysfs/sysfs';
import { Mm } from './task/mm';
import { Task } from './task/task';
import { type1BackendType } from './type1/index';
import { VfioKernel } from './vfio-kernel';

/** A recorded system: the kernel's configuration, and what the recorder set up before each case. */
export interface SystemProfile extends KernelConfig {
  /** The kernel's release string. */
  readonly release: string;
  /** The profile as the recorder knew it. */
  readonly releaseProfile: string;
  /** Driver by label or address of a device. */
  readonly boundAtBoot: Readonly<Record<string, string>>;
}

/** A place to restore to. Opaque. */
export interface SystemCheckpoint {
  readonly world: WorldCheckpoint;
  readonly tasks: number;
}

/** What is left over, one sentence each; empty when everything is as at boot. */
export type Audit = readonly string[];

export class System {
  readonly kernel: Kernel;
  readonly vfio: VfioKernel;
  readonly sysfs: Sysfs;
  readonly #tasks: Task[] = [];
  readonly #atBoot: Snapshot;

  /** Boots and binds the boot drivers. @throws TypeError for a variant without a domain port, or a bad description. */
  constructor(
    readonly profile: SystemProfile,
    readonly variant: Variant,
  ) {
    this.kernel = new Kernel(profile);
    this.vfio = new VfioKernel(this.kernel, variant, [type1BackendType]);
    this.kernel.registerDriver(vfioPciDriver(this.vfio));
    for (const driver of otherDrivers()) this.kernel.registerDriver(driver);
    this.sysfs = new Sysfs(this.vfio, this.newTask());
    for (const [device, driver] of Object.entries(profile.boundAtBoot)) this.sysfs.bind(device, driver);
    this.#atBoot = takeSnapshot(this.vfio, this.#tasks);
  }

  /** A process of root's with empty memory and no open files. */
  newTask(): Task {
    const task = new Task(this.vfio, this.#tasks.length + 1, new Mm(this.kernel, this.vfio.pages));
    this.#tasks.push(task);
    return task;
  }

  /** Performs a named call: its answer, and what it wrote back. */
  perform(task: Task, call: UserCall): { readonly answer: Answer; readonly out: Out } {
    const answer = toAnswer(this.kernel.call(call.name, () => call.run(task), task));
    return { answer, out: call.out() };
  }

  // ---- system calls

  open(task: Task, path: string): Answer {
    return toAnswer(this.kernel.call('open', () => sysOpen(task, path), task));
  }

  close(task: Task, descriptor: number): Answer {
    return toAnswer(this.kernel.call('close', () => sysClose(task, descriptor), task));
  }

  dup(task: Task, descriptor: number): Answer {
    return toAnswer(this.kernel.call('dup', () => sysDup(task, descriptor), task));
  }

  ioctl(task: Task, descriptor: number, request: number, argument: IoctlArgument): Answer {
    return toAnswer(this.kernel.call('ioctl', () => sysIoctl(task, descriptor, request, argument), task));
  }

  read(task: Task, descriptor: number, target: Uint8Array): Answer {
    return toAnswer(this.kernel.call('read', () => sysRead(task, descriptor, target), task));
  }

  write(task: Task, descriptor: number, source: Uint8Array): Answer {
    return toAnswer(this.kernel.call('write', () => sysWrite(task, descriptor, source), task));
  }

  pread(task: Task, descriptor: number, target: Uint8Array, position: bigint): Answer {
    return toAnswer(this.kernel.call('pread', () => sysPread(task, descriptor, target, position), task));
  }

  pwrite(task: Task, descriptor: number, source: Uint8Array, position: bigint): Answer {
    return toAnswer(this.kernel.call('pwrite', () => sysPwrite(task, descriptor, source, position), task));
  }

  eventfd(task: Task): Answer {
    return toAnswer(this.kernel.call('eventfd', () => sysEventfd(task), task));
  }

  mmap(task: Task, mapping: Mapping): Answer {
    return toAnswer(this.kernel.call('mmap', () => sysMmap(task, mapping), task));
  }

  munmap(task: Task, vaddr: bigint, lengthBytes: bigint): Answer {
    return toAnswer(this.kernel.call('munmap', () => sysMunmap(task, vaddr, lengthBytes), task));
  }

  setrlimit(task: Task, memlockBytes: bigint): Answer {
    return toAnswer(this.kernel.call('setrlimit', () => sysSetMemlock(task, memlockBytes), task));
  }

  setresuid(task: Task, uid: number): Answer {
    return toAnswer(this.kernel.call('setresuid', () => sysSetUid(task, uid), task));
  }

  /** A child of `parent`, or ENOMEM. */
  fork(parent: Task): Task | Errno {
    const pid = this.#tasks.length + 1;
    const result = this.kernel.call('fork', () => sysFork(parent, pid), parent);
    const child = result.status === 'returned' ? result.value : 'ENOMEM';
    if (!isErrno(child)) this.#tasks.push(child);
    return child;
  }

  /** Unmaps everything and closes every descriptor. */
  exit(task: Task): Answer {
    return toAnswer(this.kernel.call('exit', () => sysExit(task), task));
  }

  // ---- waiting and time

  /** Where a blocked call stands now. */
  answerOf(fiber: Fiber): Answer {
    return answerOf(fiber);
  }

  /** Moves virtual time on; whoever slept long enough goes on. */
  advanceTime(milliseconds: number): void {
    this.kernel.world.advanceTime(milliseconds);
  }

  /** Waits for an eventfd in virtual time and takes what it holds; false when it did not fire. */
  waitEvent(task: Task, descriptor: number, timeoutMs: number): boolean {
    const file = task.files.at(descriptor);
    if (!(file instanceof EventFile)) return false;
    if (file.context.count.value === 0) this.advanceTime(timeoutMs);
    if (file.context.count.value === 0) return false;
    this.read(task, descriptor, new Uint8Array(8));
    return true;
  }

  // ---- checkpoints

  /** The whole state: kernel, machine and processes. @throws UsageError while a call waits. */
  checkpoint(): SystemCheckpoint {
    return { world: this.kernel.world.checkpoint(), tasks: this.#tasks.length };
  }

  /** Goes back to a checkpoint; costs what has changed since. Calls that wait are dropped. */
  restore(checkpoint: SystemCheckpoint): void {
    this.kernel.world.restore(checkpoint.world);
    this.#tasks.length = checkpoint.tasks;
  }

  // ---- the end of a case

  /**
   * Puts back what root has changed: removed devices are scanned for, boot drivers bound, parameters restored,
   * injected failures disarmed. Answers, in words, what did not work.
   */
  restoreBoot(): readonly string[] {
    this.kernel.injections.set([]);
    for (const [name, value] of Object.entries(this.profile.moduleParameters)) {
      this.kernel.setParameter(name, value);
    }
    const steps: [string, Answer][] = [['rescan', this.sysfs.rescan()]];
    for (const [device, driver] of Object.entries(this.profile.boundAtBoot)) {
      steps.push([`binding ${device} to ${driver}`, this.sysfs.bind(device, driver)]);
    }
    return steps.flatMap(([step, answer]) => {
      if ('blocked' in answer) return [`${step}: still waits`];
      if ('oops' in answer) return [`${step}: the kernel died in ${answer.oops.at}`];
      return answer.errno === null ? [] : [`${step}: ${answer.errno}`];
    });
  }

  /** Compares what there is now with what there was at boot. */
  audit(): Audit {
    return differences(this.#atBoot, takeSnapshot(this.vfio, this.#tasks));
  }
}
