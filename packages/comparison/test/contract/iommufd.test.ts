/**
 * Whether the contract carries today's iommufd (ADR 11): a small one, over the ports of two designs. Each test ends with
 * what must be as at boot. Objects of the kernel are compared outside of `expect`: each leads to the whole machine, which
 * nobody wants to see printed.
 */
import { profile } from '@iommu-lab/conformance';
import type { Op } from '@iommu-lab/explorer';
import { type Device, type HwptPort, inject, iommuIovaToPhys, isErrno, Kernel } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import { byDevice, detachThenAttach, today } from './hwpt-ports';
import { type Ioas, Iommufd } from './iommufd';

const IOVA = 0x100;
const [RED, BLUE] = [0x2000, 0x3000];

class Rig {
  readonly kernel: Kernel;
  readonly fd: Iommufd<Device>;
  readonly #atBoot: unknown;

  constructor(id: string, port: HwptPort<Device>) {
    const { groups, ...machine } = profile(id);
    const numbers = Object.values(groups).map(({ number, members }) => [members[0], number]);
    this.kernel = new Kernel({ ...machine, groups: Object.fromEntries(numbers) });
    this.fd = new Iommufd(this.kernel, byDevice, port);
    // A group's blocking domain is made at its first claim and stays: made here, it is there before and after.
    for (const name of ['mf0', 'solo1']) {
      this.run(() => this.fd.bind(this.device(name)));
      this.run(() => this.fd.unbind(this.device(name)));
    }
    this.#atBoot = this.#state();
  }

  run<T>(body: () => Op<T>): T {
    const result = this.kernel.call('iommufd', body);
    if (result.status !== 'returned') throw new Error(`the call is ${result.status}`);
    return result.value;
  }

  device(name: string): Device {
    const device = this.kernel.findDevice(name);
    if (device === null) throw new Error(`no device ${name}`);
    return device;
  }

  ioas(physicalPage: number): Ioas {
    return this.fd.newIoas({ iovaPage: IOVA, physicalPage, pages: 2 });
  }

  /** Where a device's DMA at IOVA goes: a physical page, or which of the core's domains the device is on. */
  reaches(name: string): number | string {
    const device = this.device(name);
    const group = device.group.value;
    const domain = device.attachedDomain.value;
    if (domain === null) return 'nothing';
    if (domain === group?.blockingDomain.value) return 'blocking';
    return domain === group?.defaultDomain.value ? 'default' : this.run(() => iommuIovaToPhys(domain, IOVA));
  }

  end(): void {
    expect(this.#state()).toEqual(this.#atBoot);
    expect(this.kernel.world.violations).toEqual([]);
    expect(this.kernel.warnings.value).toEqual([]);
  }

  #state() {
    const { memory } = this.kernel.machine;
    const where = ['mf0', 'mf1', 'solo1'].map((name) => this.reaches(name));
    return { tables: memory.tablesInUse, objects: [...this.kernel.world.liveObjects()], where };
  }
}

const PORTS = { today, detachThenAttach };
const cases = Object.entries(PORTS).flatMap(([name, port]) =>
  ['debian-6.1-intel', 'debian-6.12-intel'].map((id) => ({ name, id, port })),
);

describe.each(cases)('$name at $id', ({ id, port }) => {
  it('the first device attaches the group, the others join, the last one detaches', () => {
    const rig = new Rig(id, port);
    const { fd } = rig;
    const [mf0, mf1] = [rig.device('mf0'), rig.device('mf1')];
    const ioas = rig.ioas(RED);
    expect(rig.run(() => fd.bind(mf0))).toBe(0);
    expect(rig.run(() => fd.bind(mf1))).toBe(0);
    expect([rig.reaches('mf0'), rig.reaches('mf1')]).toEqual(['blocking', 'blocking']);
    expect(rig.run(() => fd.attach(mf1, ioas))).toBe(0);
    expect([rig.reaches('mf0'), rig.reaches('mf1')]).toEqual([RED, RED]);
    expect(rig.run(() => fd.attach(mf0, ioas))).toBe(0);
    expect(rig.run(() => fd.attach(mf0, rig.ioas(BLUE)))).toBe('EINVAL');
    rig.run(() => fd.detach(mf1));
    expect(rig.reaches('mf1')).toBe(RED);
    rig.run(() => fd.detach(mf0));
    expect([rig.reaches('mf0'), ioas.hwpts.length]).toEqual(['blocking', 0]);
    rig.run(() => fd.unbind(mf1));
    expect(rig.reaches('mf0')).toBe('blocking');
    rig.run(() => fd.unbind(mf0));
    rig.end();
  });

  it('two groups share a page table; each owner keeps others out', () => {
    const rig = new Rig(id, port);
    const { fd } = rig;
    const ioas = rig.ioas(RED);
    for (const name of ['mf0', 'solo1']) {
      expect(rig.run(() => fd.bind(rig.device(name)))).toBe(0);
      expect(rig.run(() => fd.attach(rig.device(name), ioas))).toBe(0);
    }
    expect(ioas.hwpts.length).toBe(1);
    expect(fd.hwptOf(rig.device('mf1')) === fd.hwptOf(rig.device('solo1'))).toBe(true);
    const other = new Iommufd(rig.kernel, byDevice, port);
    expect(rig.run(() => other.bind(rig.device('mf1')))).toBe('EPERM');
    for (const name of ['solo1', 'mf0']) {
      rig.run(() => fd.detach(rig.device(name)));
      rig.run(() => fd.unbind(rig.device(name)));
    }
    rig.end();
  });

  it('a page table can be made without an attach, and a replace moves the whole group to it and back', () => {
    const rig = new Rig(id, port);
    const { fd } = rig;
    const mf0 = rig.device('mf0');
    const [red, blue] = [rig.ioas(RED), rig.ioas(BLUE)];
    rig.run(() => fd.bind(mf0));
    const own = rig.run(() => fd.alloc(mf0, blue));
    if (isErrno(own)) throw new Error(own);
    expect(rig.reaches('mf0')).toBe('blocking');
    expect(rig.run(() => fd.replace(mf0, own))).toBe('EINVAL');
    rig.run(() => fd.attach(mf0, red));
    expect(rig.run(() => fd.replace(mf0, own))).toBe(0);
    expect([rig.reaches('mf0'), rig.reaches('mf1'), red.hwpts.length]).toEqual([BLUE, BLUE, 0]);
    expect(rig.run(() => fd.destroy(own))).toBe('EBUSY');
    expect(rig.run(() => fd.replace(mf0, red))).toBe(0);
    expect(rig.reaches('mf1')).toBe(RED);
    rig.run(() => fd.detach(mf0));
    expect(rig.run(() => fd.destroy(own))).toBe(0);
    rig.run(() => fd.unbind(mf0));
    rig.end();
  });

  it('a failed replace leaves the group where it says', () => {
    const rig = new Rig(id, port);
    const { fd } = rig;
    const [mf0, mf1] = [rig.device('mf0'), rig.device('mf1')];
    const [red, blue] = [rig.ioas(RED), rig.ioas(BLUE)];
    rig.run(() => fd.bind(mf0));
    rig.run(() => fd.attach(mf0, red));
    inject(rig.kernel, { operation: 'attach_dev', device: mf1.name, passes: 0, errno: 'ENOMEM' });
    expect(rig.run(() => fd.replace(mf0, blue))).toBe('ENOMEM');
    expect([rig.reaches('mf0'), rig.reaches('mf1'), blue.hwpts.length]).toEqual([RED, RED, 0]);
    rig.run(() => fd.detach(mf0));
    rig.run(() => fd.unbind(mf0));
    rig.end();
  });
});

describe('what an errno alone could not say', () => {
  it('a replace that fails both ways leaves the group on neither, and the frontend knows', () => {
    const rig = new Rig('debian-6.12-intel', detachThenAttach);
    const { fd } = rig;
    const [mf0, mf1] = [rig.device('mf0'), rig.device('mf1')];
    const [red, blue] = [rig.ioas(RED), rig.ioas(BLUE)];
    rig.run(() => fd.bind(mf0));
    rig.run(() => fd.attach(mf0, red));
    inject(rig.kernel, { operation: 'attach_dev', device: mf1.name, passes: 0, errno: 'ENOMEM' });
    inject(rig.kernel, { operation: 'attach_dev', device: mf0.name, passes: 1, errno: 'ENOSPC' });
    expect(rig.run(() => fd.replace(mf0, blue))).toBe('ENOSPC');
    expect([rig.reaches('mf0'), fd.hwptOf(mf0) === null]).toEqual(['blocking', true]);
    expect([red.hwpts.length, blue.hwpts.length]).toEqual([0, 0]);
    rig.run(() => fd.detach(mf0));
    rig.run(() => fd.unbind(mf0));
    rig.end();
  });
});
