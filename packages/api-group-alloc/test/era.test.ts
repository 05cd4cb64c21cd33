/** What the iterator's callbacks ask, by kernel, and what a group answers whose members differ. */
import { Bench, Interpreter, profile } from '@iommu-lab/conformance';
import type { Op, TraceEvent } from '@iommu-lab/explorer';
import { type Device, type IommuGroup, IommuInstance, type Kernel } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import { iommuGroupCapable, iterator } from '../src/index';

const port = iterator.ports.domain as NonNullable<typeof iterator.ports.domain>;

interface Rig {
  readonly kernel: Kernel;
  readonly group: IommuGroup;
  readonly interpreter: Interpreter;
}

/** The group `mf` of two devices, the first of which is behind an IOMMU that answers `first` to everything. */
function rig(id: string, first?: boolean): Rig {
  const bench = Bench.boot(profile(id), iterator);
  const { kernel } = bench.system;
  const group = deviceOf(kernel, 'mf0').group.value;
  if (group === null) throw new Error('no group');
  if (first !== undefined) {
    const instance = deviceOf(kernel, 'mf0').iommu.value as IommuInstance;
    const driver = {
      ...instance.driver,
      *capable(): Op<boolean> {
        return first;
      },
    };
    deviceOf(kernel, 'mf0').iommu.set(new IommuInstance(kernel, 'other', driver, instance.module));
  }
  return { kernel, group, interpreter: new Interpreter(bench) };
}

function deviceOf(kernel: Kernel, name: string): Device {
  const device = kernel.findDevice(name);
  if (device === null) throw new Error(`no device ${name}`);
  return device;
}

function answer<T>(kernel: Kernel, body: () => Op<T>): T {
  const result = kernel.call('test', body);
  if (result.status !== 'returned') throw new Error(`the call is ${result.status}`);
  return result.value;
}

/** Removes both members; a reference keeps the group. */
function empty({ kernel, group, interpreter }: Rig): void {
  answer(kernel, function* keep() {
    yield* group.refs.get();
  });
  for (const dev of ['mf0', 'mf1']) interpreter.run({ op: 'sysfs.remove', args: { dev } });
  const wrong = interpreter.violations().map(({ message }) => message);
  expect([group.devices.value.length, wrong]).toEqual([0, []]);
}

/** The functions that were called inside the group iterator. */
function calledInside(id: string): string[] {
  const { interpreter } = rig(id);
  const calls: string[] = [];
  interpreter.listen((event: TraceEvent) => {
    if (event.kind === 'call' && event.within.startsWith('iommu_group_for_each_dev')) calls.push(event.name);
  });
  interpreter.run({ op: 'port.begin', args: { group: 'mf' }, out: { handle: 'h' } });
  expect(interpreter.run({ op: 'port.attachNew', args: { handle: 'h' }, out: { id: 'd' } }).errno).toBe(null);
  interpreter.run({ op: 'port.capable', args: { handle: 'h', domain: null, capability: 'isolated-msi' } });
  return calls;
}

describe('the callbacks', () => {
  it("ask the member's bus at 6.1, and the first member that has a capability", () => {
    expect(calledInside('debian-6.1-intel')).toEqual(['iommu_domain_alloc@6.1', 'device_iommu_capable@6.1']);
  });

  it('ask the member at 6.12, and for a capability the core asks all', () => {
    expect(calledInside('debian-6.12-intel')).toEqual(['iommu_paging_domain_alloc@6.12']);
  });

  it.each([
    ['debian-6.1-intel', 'EIO'],
    ['debian-6.12-intel', 'ENODEV'],
  ])('are not called on an empty group: %s says %s', (id, errno) => {
    const { kernel, group, interpreter } = rig(id);
    empty({ kernel, group, interpreter });
    expect(answer(kernel, () => port.attachNew({ group }, {}))).toBe(errno);
  });
});

describe('a group whose members differ', () => {
  const capable = (id: string, first: boolean) => {
    const { kernel, group } = rig(id, first);
    return answer(kernel, () => port.capable({ group }, null, 'isolated-msi'));
  };

  it('is capable at 6.1 where any member is, at 6.12 where all are', () => {
    expect([capable('debian-6.1-intel', false), capable('debian-6.12-intel', false)]).toEqual([true, false]);
    expect([capable('debian-6.1-intel', true), capable('debian-6.12-intel', true)]).toEqual([true, true]);
  });

  it('is asked by the core either way', () => {
    const ask = ({ kernel, group }: Rig) =>
      (['all', 'any'] as const).map((members) =>
        answer(kernel, () => iommuGroupCapable(group, 'isolated-msi', members)),
      );
    expect(ask(rig('debian-6.12-intel', false))).toEqual([false, true]);
    const emptied = rig('debian-6.12-intel');
    empty(emptied);
    expect(ask(emptied)).toEqual([false, false]);
  });
});
