/**
 * ADR 14: what of the hardware is one step. Whatever the core is asked to do (an entry written, a command submitted, a
 * page of a transfer moved) is asked for by one step that asks for nothing else.
 */
import { addressOf, type Machine } from '@iommu-lab/core';
import type { Op, TraceEvent } from '@iommu-lab/explorer';
import { describe, expect, it, vi } from 'vitest';
import {
  hw,
  type IommuDomain,
  iommuAttachGroup,
  iommuMap,
  iommuPagingDomainAlloc,
  iommuUnmap,
  isErrno,
  Kernel,
} from '../../src/index';
import { deviceOf, groupOf, run } from '../call';
import { recordedMachine } from '../recorded-machine';

const READ_WRITE = 3;
/** BAR0 of the device that does DMA. */
const EDU = { SOURCE: 0x80, DESTINATION: 0x88, COUNT: 0x90, COMMAND: 0x98 };

/** A step of the hardware: its operation, and what the core was asked for while it was performed, each once. */
interface HwStep {
  readonly step: number;
  readonly name: string;
  readonly asked: readonly string[];
}

class Rig {
  readonly kernel = new Kernel(recordedMachine('6.12'));
  readonly domain: IommuDomain;
  /** What was asked for and when. */
  readonly #asked: { readonly step: number; readonly call: string }[] = [];

  constructor() {
    const domain = run(this.kernel, () => iommuPagingDomainAlloc(deviceOf(this.kernel, 'solo1')));
    if (isErrno(domain)) throw new Error(domain);
    this.domain = domain;
    this.#spyOn(this.kernel.machine, domain);
  }

  /** The steps of the hardware that `body` makes, in order. */
  steps(body: () => Op<unknown>): HwStep[] {
    const { world } = this.kernel;
    const events: TraceEvent[] = [];
    world.listener = (event) => events.push(event);
    this.#asked.length = 0;
    run(this.kernel, body);
    world.listener = null;
    const found = events.filter(({ kind, name }) => kind === 'operation' && name.startsWith('hw.'));
    const steps = found.map(({ step, name }) => ({
      step,
      name,
      asked: this.#asked.filter((one) => one.step === step).map((one) => one.call),
    }));
    const inSteps = steps.flatMap(({ asked }) => asked).length;
    expect(inSteps, 'everything that the core is asked for belongs to a step of the hardware').toBe(
      this.#asked.length,
    );
    return steps;
  }

  #spyOn({ memory, unit }: Machine, { geometry }: IommuDomain): void {
    const table = geometry.value?.table;
    if (unit === null || table === undefined) throw new Error('no unit or no table');
    this.#spy(memory, 'writeEntry');
    this.#spy(unit, 'submit');
    this.#spy(table, 'mapRange');
    this.#spy(table, 'unmapRange');
    this.#spy(table, 'releaseGathered');
  }

  #spy<T extends object>(target: T, call: string & keyof T): void {
    const inner = target[call] as (...parameters: unknown[]) => unknown;
    vi.spyOn(target as Record<string, (...parameters: unknown[]) => unknown>, call).mockImplementation(
      (...parameters) => {
        this.noteCall(call);
        return inner.apply(target, parameters);
      },
    );
  }

  /** The step is counted when its operation begins to be performed. */
  noteCall(call: string): void {
    this.#asked.push({ step: this.kernel.world.steps, call });
  }
}

const shown = (steps: readonly HwStep[]) => steps.map(({ name, asked }) => `${name}: ${asked.join(', ')}`);
const ascending = (steps: readonly HwStep[]) =>
  steps.every(({ step }, index) => index === 0 || step > (steps[index - 1] as HwStep).step);

const READ = 'hw.read_context: ';
/** Both words of one entry: its 128 bits are one store to the unit. */
const WRITE = 'hw.write_context: writeEntry, writeEntry';
const INVALIDATE = ['hw.invalidate_context: submit', 'hw.invalidate_iotlb_domain: submit'];

describe('a domain change', () => {
  it('clears the entry, drops what is cached of it, writes it, and drops what is cached of its absence', () => {
    const rig = new Rig();
    const steps = rig.steps(() => iommuAttachGroup(rig.domain, groupOf(rig.kernel, 'solo1')));
    expect(shown(steps)).toEqual([READ, WRITE, ...INVALIDATE, READ, WRITE, ...INVALIDATE]);
    expect(ascending(steps)).toBe(true);
  });
});

describe('map and unmap', () => {
  it('write all entries of a call in one step, flush in the next, and free tables after the flush', () => {
    const rig = new Rig();
    run(rig.kernel, () => iommuAttachGroup(rig.domain, groupOf(rig.kernel, 'solo1')));
    const map = rig.steps(() => iommuMap(rig.domain, 0x200, 0x4001, 700, READ_WRITE));
    expect(shown(map)).toEqual(['hw.map: mapRange', 'hw.invalidate_iotlb_range: submit']);
    const unmap = rig.steps(() => iommuUnmap(rig.domain, 0x200, 700));
    expect(shown(unmap)).toEqual([
      'hw.unmap: unmapRange',
      'hw.invalidate_iotlb_range: submit',
      'hw.free_tables: releaseGathered',
    ]);
    expect(ascending([...map, ...unmap])).toBe(true);
  });

  it('free no table where none became empty', () => {
    const rig = new Rig();
    run(rig.kernel, () => iommuAttachGroup(rig.domain, groupOf(rig.kernel, 'solo1')));
    run(rig.kernel, () => iommuMap(rig.domain, 0x200, 0x4001, 2, READ_WRITE));
    const steps = rig.steps(() => iommuUnmap(rig.domain, 0x200, 1));
    expect(steps.map(({ name }) => name)).toEqual(['hw.unmap', 'hw.invalidate_iotlb_range']);
  });
});

describe('a transfer', () => {
  it('is a step for each page, and goes on after one that faults', () => {
    const rig = new Rig();
    const { kernel } = rig;
    run(kernel, () => iommuAttachGroup(rig.domain, groupOf(kernel, 'solo1')));
    const frame = kernel.machine.memory.allocateFrame();
    run(kernel, () => iommuMap(rig.domain, 0x301, frame, 1, READ_WRITE));
    const edu = kernel.machine.edu('0000:01:00.0');
    if (edu === null) throw new Error('no edu');
    edu.busMaster = true;
    edu.memoryEnabled = true;
    edu.writeRegister(EDU.SOURCE, 8, addressOf(0x300) + 0xff0n);
    edu.writeRegister(EDU.DESTINATION, 8, 0x40000n);
    edu.writeRegister(EDU.COUNT, 8, 0x20n);
    edu.writeRegister(EDU.COMMAND, 8, 1n);
    const transfer = edu.transfer;
    if (transfer === null) throw new Error('no transfer');
    const inner = transfer.step.bind(transfer);
    const pages: number[] = [];
    transfer.step = () => {
      rig.noteCall('step');
      const outcome = inner();
      pages.push(outcome.physicalPage);
      return outcome;
    };
    const steps = rig.steps(() => hw.hwRunTransfer(kernel, edu));
    expect(shown(steps)).toEqual(['hw.dma: step', 'hw.dma: step']);
    expect(ascending(steps)).toBe(true);
    expect(pages.map((page) => (page < 0 ? 'fault' : page))).toEqual(['fault', frame]);
  });
});
