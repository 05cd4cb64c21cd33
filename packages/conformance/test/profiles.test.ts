import { readdirSync } from 'node:fs';
import type { MachineDescription } from '@iommu-lab/core';
import { createMachine } from '@iommu-lab/core';
import { eraFunctions } from '@iommu-lab/kernel';
import { describe, expect, expectTypeOf, it } from 'vitest';
import debian612Intel from '../profiles/debian-6.12-intel.json';
import { type Profile, parseProfile } from '../src/grammar/profile';
import { InputError } from '../src/input-error';
import { groupNumbersByMember, profile, profileIds } from '../src/profiles';
import { recordings } from '../src/recordings';

const all = profileIds().map((id) => [id, profile(id)] as const);
/** Those whose kernel was recorded; of the others only the source was read. */
const recorded = all.filter(([, { era }]) => eraFunctions(era).evidence === 'recorded');
const functionNamed = ({ machine }: Profile, name: string) =>
  machine.functions.find((each) => each.name === name);

/** What the recording of this profile saw of each device, and of the kernel. */
function topology(id: string) {
  const steps = recordings()
    .filter(({ profile, file }) => profile === id && file === 'topology')
    .flatMap(({ cases }) => cases.flatMap((each) => each.steps));
  return {
    kernel: steps.flatMap((step) => (step.op === 'kernel' ? [step.out] : [])),
    devices: steps.flatMap((step) => (step.op === 'device' ? [{ label: step.args.dev, ...step.out }] : [])),
  };
}

describe('profiles', () => {
  it('are the files in profiles/', () => {
    const files = readdirSync(new URL('../profiles/', import.meta.url)).filter((f) => f.endsWith('.json'));
    expect(profileIds().sort()).toEqual(files.map((file) => file.slice(0, -'.json'.length)).sort());
  });

  it('name the known ones where there is none of that id', () => {
    expect(() => profile('debian-9-arm')).toThrow(InputError);
    expect(() => profile('debian-9-arm', 'x/map.jsonl')).toThrow(
      `x/map.jsonl: unknown profile "debian-9-arm"; there are: ${profileIds().join(', ')}`,
    );
    expect(() => profile('')).toThrow('--profile: unknown profile ""');
  });

  it.each(all)('%s has its own id', (id, each) => {
    expect(each.id).toBe(id);
    expect(id).toContain(`-${each.era}-`);
  });

  it.each(recorded)('%s has the machine and kernel of its recording', (id, each) => {
    const { kernel, devices } = topology(id);
    expect(kernel).toEqual([{ release: each.release, profile: each.releaseProfile }]);
    expect(devices.map(({ label }) => label).sort()).toEqual(Object.keys(each.boundAtBoot).sort());
    for (const { label, bdf, group, members, type } of devices) {
      expect(functionNamed(each, label)?.address).toBe(bdf);
      const inGroup = each.groups[group ?? '']?.members.map((m) => functionNamed(each, m)?.address);
      expect(inGroup).toEqual(members);
      expect(type?.toLowerCase()).toBe(each.defaultDomain);
    }
  });

  it.each(all)('%s numbers groups in the order of enumeration', (_, each) => {
    const labels = each.machine.functions.flatMap(({ name }) => (name === undefined ? [] : [name]));
    const numbers = labels.map((name) => groupNumbersByMember(each)[name] ?? -1);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(groupNumbersByMember(each).solo1).toBe(7);
    expect(groupNumbersByMember(each).pair2).toBe(groupNumbersByMember(each).bridge);
  });

  it.each(all)('%s gives each edu device a BAR of its own, in no memory', (_, { machine }) => {
    const bars = machine.functions.flatMap(({ bar0 }) =>
      bar0 === undefined ? [] : [{ start: Number(bar0.physical), lengthBytes: bar0.lengthBytes }],
    );
    expect(bars).toHaveLength(7);
    const ram = machine.ram.map((range) => ({
      start: Number(range.start),
      lengthBytes: Number(range.lengthBytes),
    }));
    const ranges = [...bars, ...ram].sort((a, b) => a.start - b.start);
    for (const [k, range] of ranges.slice(1).entries()) {
      const before = ranges[k];
      expect(range.start).toBeGreaterThanOrEqual((before?.start ?? 0) + (before?.lengthBytes ?? 0));
    }
  });

  it.each(all)('%s describes a machine that can be built', (_, each) => {
    expectTypeOf(each.machine).toExtend<MachineDescription>();
    const machine = createMachine(each.machine);
    expect(machine.pci.functions().map(({ address }) => address)).toEqual(
      each.machine.functions.map(({ address }) => address),
    );
    expect(machine.edu(functionNamed(each, 'pair2')?.address ?? '')).not.toBeNull();
  });

  it.each(all)('%s has configuration bytes that agree with the other fields', (_, { machine }) => {
    for (const each of machine.functions.filter(({ model }) => model === 'edu')) {
      const bytes = Uint8Array.from(each.config?.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
      const view = new DataView(bytes.buffer);
      expect(view.getUint16(0x0, true)).toBe(each.vendorId);
      expect(view.getUint16(0x2, true)).toBe(each.deviceId);
      expect(view.getUint32(0x8, true) >>> 8).toBe(each.classCode);
      expect(view.getUint32(0x10, true)).toBe(Number(each.bar0?.physical));
      expect(view.getUint8(0xe) >>> 7).toBe(each.multifunction ? 1 : 0);
    }
  });

  it.each(all)('%s has the values of solo1 that were recorded on these machines', (_, each) => {
    const config = functionNamed(each, 'solo1')?.config ?? '';
    const at = (offset: number, lengthBytes: number) => config.slice(2 * offset, 2 * (offset + lengthBytes));
    // Little-endian: 0x11e81234, 0x103, 0xff0010, 0xfde00000, 0x40, 0x1.
    expect([at(0, 4), at(4, 2), at(8, 4), at(0x10, 4), at(0x34, 1), at(0x3d, 1)]).toEqual([
      '3412e811',
      '0301',
      '1000ff00',
      '0000e0fd',
      '40',
      '01',
    ]);
  });
});

describe('parseProfile', () => {
  const complaint = (change: object) => () => parseProfile({ ...debian612Intel, ...change }, 'p.json');

  it('says what is wrong and where', () => {
    expect(complaint({ era: '4.19' })).toThrow(
      'p.json: field era: expected ("5.10" | "2022-02" | "6.1" | "6.12" | "7.2"), got "4.19"',
    );
    expect(complaint({ interruptRemapping: 'yes' })).toThrow(
      'p.json: field interruptRemapping: expected true or false, got "yes"',
    );
    expect(
      complaint({ machine: { ...debian612Intel.machine, ram: [{ start: 0, lengthBytes: '0x1' }] } }),
    ).toThrow('p.json: field machine.ram[0].start: expected a hex string like "0x1000", got 0');
    expect(complaint({ note: 'x' })).toThrow(/^p\.json: field note: no such field \(there are: id, title, /);
    expect(() => parseProfile(null, 'p.json')).toThrow('p.json: expected an object, got null');
  });
});
