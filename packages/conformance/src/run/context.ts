/** What the steps of a case work on: the system, the running process, and the names that steps have given. */
import { type CallResult, type Op, UsageError } from '@iommu-lab/explorer';
import type { Device, IommuGroup, Target } from '@iommu-lab/kernel';
import {
  type Answer,
  answerOf,
  isReturned,
  type System,
  syscalls,
  type Task,
  toAnswer,
  type UserCall,
} from '@iommu-lab/vfio';
import type { Profile } from '../grammar/profile';
import type { StepAnswer } from '../trace/compare';
import { InKernelNames } from './operations/in-kernel';
import { PortNames } from './operations/port-names';

/** A recording names an eventfd only where it waits for it: the newest is meant. */
export const LATEST_EVENTFD = 'eventfd';

/** A descriptor that no process ever has. */
const NOT_OPEN = 1 << 20;

export class Context {
  /** Descriptors by name. */
  readonly descriptors: Map<string, number>;
  readonly port: PortNames;
  readonly inKernel: InKernelNames;
  /** Calls that a step started with `async`, by operation and device. */
  readonly pending = new Map<string, CallResult<StepAnswer>>();
  /** The process and its ancestors; the last one runs. */
  readonly tasks: Task[];
  /** Whether `end` has come. */
  ended = false;

  /** @param origin whose names this context begins with */
  constructor(
    readonly system: System,
    readonly profile: Profile,
    task: Task = system.newTask(),
    origin: Context | null = null,
  ) {
    this.tasks = [task];
    this.descriptors = new Map(origin?.descriptors);
    this.port = new PortNames(origin?.port);
    this.inKernel = new InKernelNames(origin?.inKernel);
  }

  /** For a thread of a search: it knows what has been named so far, and what it names itself it keeps to itself. */
  forThread(task: Task): Context {
    return new Context(this.system, this.profile, task, this);
  }

  /** Takes over what a thread has named, as it stands now. */
  learn(thread: Context): void {
    for (const [name, descriptor] of thread.descriptors) this.descriptors.set(name, descriptor);
    this.port.learn(thread.port);
    this.inKernel.learn(thread.inKernel);
  }

  get task(): Task {
    return this.tasks.at(-1) as Task;
  }

  /** A named call of the running process. */
  *perform(call: UserCall): Op<StepAnswer> {
    const answer = yield* this.answerOf(call.run(this.task));
    return { ...answer, out: call.out() };
  }

  /** A named call on a descriptor: one that a step has named, see `descriptor`. */
  *on(descriptor: string, call: (number: number) => UserCall): Op<StepAnswer> {
    return yield* this.perform(call(yield* this.descriptor(descriptor)));
  }

  /** After a call that returns a descriptor: the step's answer is 0 and the name stands for it from now on. */
  opened(answer: StepAnswer, name: string | undefined): StepAnswer {
    if (answer.ret === null || answer.errno !== null) return answer;
    if (name !== undefined) this.descriptors.set(name, answer.ret);
    return { ret: 0, errno: null };
  }

  /** What kernel code that returns a number, an errno or nothing answers. */
  *answerOf(body: Op<unknown>): Op<StepAnswer> {
    return stepAnswer(toAnswer({ status: 'returned', value: yield* body }));
  }

  /**
   * The number of a descriptor: one that a step has named, `bad(N)`, or a path, which is opened for it. A name that no
   * step has given stands for a descriptor that is not open: the call that should have opened it may have failed.
   */
  *descriptor(name: string): Op<number> {
    const known = this.descriptors.get(name);
    if (known !== undefined) return known;
    const bad = /^bad\((-?[0-9]+)\)$/.exec(name);
    if (bad !== null) return Number(bad[1]);
    if (name.startsWith('/')) {
      const opened = yield* syscalls.sysOpen(this.task, name);
      if (typeof opened === 'number') return opened;
    }
    return NOT_OPEN;
  }

  /** The address of a labelled device, also while it is not there. */
  addressOf(label: string): string {
    return this.profile.machine.functions.find((one) => one.name === label)?.address ?? label;
  }

  device(label: string): Device {
    const device = this.system.kernel.findDevice(label);
    if (device === null) throw new UsageError(`there is no device "${label}"`);
    return device;
  }

  /** The IOMMU group of a label of the profile, by the first of its members that is there. */
  group(label: string): IommuGroup {
    const members = this.profile.groups[label]?.members ?? [label];
    for (const member of members) {
      const group = this.system.kernel.findDevice(member)?.group.value ?? null;
      if (group !== null) return group;
    }
    throw new UsageError(`no device of group "${label}" is there`);
  }

  /** The label of a group number. */
  groupLabel(number: number): string {
    for (const [label, group] of Object.entries(this.profile.groups)) {
      const at = group.members.some((one) => this.system.kernel.findDevice(one)?.group.value?.id === number);
      if (at) return label;
    }
    return String(number);
  }

  /** What VFIO would pass to a design for the group. */
  target(label: string, device: string | undefined): Target {
    const group = this.group(label);
    const held = device === undefined ? null : this.device(device);
    const registered = this.system.vfio.groups.value.find((one) => one.iommuGroup.value === group);
    if (registered !== undefined) return registered.targetOf(group, held, false);
    return { group, device: held, deviceLocked: false, members: null };
  }
}

/** What a step's call has come to by now. */
export function cameTo(result: CallResult<StepAnswer>): StepAnswer {
  if (result.status === 'returned') return result.value;
  const { fiber } = result;
  return fiber.state === 'returned' ? (fiber.result as StepAnswer) : stepAnswer(answerOf(fiber));
}

/** An answer in the words of the trace grammar. */
export function stepAnswer(answer: Answer): StepAnswer {
  if (isReturned(answer)) return { ret: answer.ret, errno: answer.errno };
  if ('oops' in answer)
    return { ret: null, errno: null, oops: { kind: answer.oops.kind, at: answer.oops.at } };
  return { ret: null, errno: null, blocked: true };
}

/** What a name stands for. A case that uses a name before a step gives it is wrong itself. */
export function named<T>(names: ReadonlyMap<string, T>, kind: string, name: string): T {
  const found = names.get(name);
  if (found === undefined) throw new UsageError(`no step has named a ${kind} "${name}"`);
  return found;
}
