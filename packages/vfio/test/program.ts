/** A user program for the tests: a booted system, one process, and short forms of asking what a call answers. */
import { type EraId, referenceVariant, type Variant } from '@iommu-lab/kernel';
import { expect } from 'vitest';
import {
  type Answer,
  calls,
  isReturned,
  type Out,
  System,
  type SystemProfile,
  type Task,
  type UserCall,
} from '../src/index';
import { recordedProfile } from './recorded-profile';

/** Where the recordings have their memory and their mapped BAR. */
export const MEMORY = 0x100000000000n;
export const BAR = 0x100f00000000n;

/** What the trace grammar shows of an answer: the errno, `ok`, `blocked` or the way that the kernel died. */
export function shown(answer: Answer): string {
  if (!isReturned(answer)) return 'blocked' in answer ? 'blocked' : answer.oops.kind;
  return answer.errno ?? 'ok';
}

export class Program {
  readonly system: System;
  task: Task;

  constructor(
    era: EraId = '6.12',
    variant: Variant = referenceVariant,
    overrides: Partial<SystemProfile> = {},
  ) {
    this.system = new System(recordedProfile(era, overrides), variant);
    this.task = this.system.newTask();
  }

  /** The call's return value; it must succeed. */
  ret(call: UserCall): number {
    const { answer } = this.system.perform(this.task, call);
    if (!isReturned(answer) || answer.errno !== null) throw new Error(`${call.name}: ${shown(answer)}`);
    return answer.ret;
  }

  /** What the call wrote back; it must succeed. */
  out(call: UserCall): Out {
    this.ret(call);
    return call.out();
  }

  /** `ok`, or how it failed. */
  try(call: UserCall): string {
    return shown(this.system.perform(this.task, call).answer);
  }

  /** A container with type1v2 and the groups in it: the descriptors. */
  container(...groups: number[]): { c: number; g: number[] } {
    const c = this.ret(calls.openContainer());
    const g = groups.map((group) => this.ret(calls.openGroup(group)));
    for (const fd of g) this.ret(calls.setContainer(fd, c));
    this.ret(calls.setIommu(c, 3));
    return { c, g };
  }

  /** A device with memory and bus mastering on and its BAR mapped at `BAR`. */
  device(group: number, name: string): number {
    const fd = this.ret(calls.getDeviceFd(group, name));
    this.ret(calls.configWrite(fd, 4n, 2, 6n));
    this.ret(calls.mapRegion(fd, BAR, 0, 0x100000n));
    return fd;
  }

  /** The process ends; nothing may be left over and nothing may have gone wrong. */
  end(): void {
    expect(shown(this.system.exit(this.task))).toBe('ok');
    expect(this.system.restoreBoot()).toEqual([]);
    expect(this.system.audit()).toEqual([]);
    expect(this.system.kernel.world.violations).toEqual([]);
    expect(this.system.kernel.warnings.value).toEqual([]);
  }
}
