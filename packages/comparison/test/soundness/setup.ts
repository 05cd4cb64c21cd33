/** A booted system with one process, and short forms of what the set-ups of small programs need. */
import { groupNumbersByMember, profile } from '@iommu-lab/conformance';
import type { Op, Thread } from '@iommu-lab/explorer';
import { type IommuDomain, type IommuGroup, isErrno, type Variant } from '@iommu-lab/kernel';
import { calls, isReturned, System, type Task, type UserCall, type VfioGroup } from '@iommu-lab/vfio';

const TYPE1V2 = 3;

export type UnitBehaviour = 'hardware' | 'qemu-7.2';

export class Setup {
  readonly system: System;
  readonly task: Task;
  readonly shell: Task;
  readonly #groups: Readonly<Record<string, number>>;

  constructor(profileId: string, variant: Variant, behaviour: UnitBehaviour) {
    const recorded = profile(profileId);
    this.#groups = groupNumbersByMember(recorded);
    const { unit } = recorded.machine;
    const machine = { ...recorded.machine, unit: unit === null ? null : { ...unit, behaviour } };
    this.system = new System({ ...recorded, machine, groups: this.#groups }, variant);
    this.task = this.system.newTask();
    this.shell = this.system.newTask();
  }

  do(call: UserCall, task = this.task): number {
    const { answer } = this.system.perform(task, call);
    if (!isReturned(answer) || answer.errno !== null)
      throw new Error(`${call.name}: ${JSON.stringify(answer)}`);
    return answer.ret;
  }

  groupNumber(label: string): number {
    return this.#groups[label] as number;
  }

  group(label: string): number {
    return this.do(calls.openGroup(this.groupNumber(label)));
  }

  /** A container with the groups of the labelled devices in it and, unless told otherwise, an IOMMU. */
  container(labels: readonly string[], withIommu = true): { c: number; groups: number[] } {
    const c = this.do(calls.openContainer());
    const groups = labels.map((label) => this.group(label));
    for (const g of groups) this.do(calls.setContainer(g, c));
    if (withIommu) this.do(calls.setIommu(c, TYPE1V2));
    return { c, groups };
  }

  /** A device with its BAR mapped and bus mastering on. */
  device(group: number, address: string, bar: bigint): number {
    const fd = this.do(calls.getDeviceFd(group, address));
    this.do(calls.configWrite(fd, 4n, 2, 6n));
    this.do(calls.mapRegion(fd, bar, 0, 0x100000n));
    return fd;
  }

  /** Moves the group of one device to the domain that another is on, as VFIO would pass the group to a design. */
  *moveTo(label: string, other: string): Op<unknown> {
    const { vfio, kernel } = this.system;
    const group = kernel.findDevice(label)?.group.readInStep() as IommuGroup;
    const registered = vfio.groups.value.find((one) => one.iommuGroup.value === group);
    const target = (registered as VfioGroup).targetOf(group, null, false);
    const { domainPort } = vfio;
    const handle = yield* domainPort.begin(target);
    if (isErrno(handle)) throw new Error(handle);
    const domainOf = (of: string) => kernel.findDevice(of)?.attachedDomain.readInStep() as IommuDomain;
    const moved = yield* domainPort.move(handle, domainOf(label), domainOf(other));
    yield* domainPort.end(handle);
    return moved;
  }

  memory(vaddr: bigint, pages: number): void {
    this.do(calls.mapMemory(vaddr, BigInt(pages) << 12n, 'rw', false));
  }

  /** A thread of the process that makes these calls one after the other. A call has a buffer: each run has its own. */
  thread(name: string, steps: () => readonly UserCall[]): Thread {
    const { task } = this;
    return {
      name,
      task,
      *body() {
        const answers = [];
        for (const step of steps()) answers.push(yield* step.run(task));
        return answers;
      },
    };
  }

  /** A thread of root's shell. */
  root(name: string, body: Thread['body']): Thread {
    return { name, task: this.shell, body };
  }
}
