/**
 * `attachTime: 'device-fd'` (ADR 11): the same program over a design that attaches with the container and over one that
 * attaches with the first open device. What user space is answered differs exactly where these tests say.
 */
import { type EraId, inject, referenceVariant } from '@iommu-lab/kernel';
import { describe, expect, test } from 'vitest';
import { calls } from '../../src/index';
import { MEMORY, Program } from '../program';
import { GROUP } from '../recorded-profile';
import { atDeviceFd } from './device-fd';

const PAGE = 0x1000n;
const SOLO1 = '0000:01:00.0';
const [MF0, MF1] = ['0000:00:05.0', '0000:00:05.1'];
const map = (iova: bigint, size = PAGE) => ({ iova, vaddr: MEMORY, size, flags: 3 });

/** The domain that a labelled device's group is on. */
function domainOf(p: Program, device: string): string {
  const group = p.system.kernel.findDevice(device)?.group.value;
  if (group?.domain.value === group?.defaultDomain.value) return 'default';
  return group?.domain.value === group?.blockingDomain.value ? 'blocking' : 'user';
}

const pinned = (p: Program) => p.system.vfio.pages.pins;

describe.each<EraId>(['6.1', '6.12'])('on %s', (era) => {
  test('the group is owned with the container and attached from the first device to the last', () => {
    const p = new Program(era, atDeviceFd);
    const c = p.ret(calls.openContainer());
    const g = p.ret(calls.openGroup(GROUP.mf));
    p.ret(calls.setContainer(g, c));
    expect(domainOf(p, 'mf0')).toBe('blocking');
    p.ret(calls.setIommu(c, 3));
    expect(domainOf(p, 'mf0')).toBe('blocking');
    const first = p.ret(calls.getDeviceFd(g, MF1));
    expect(domainOf(p, 'mf0')).toBe('user');
    const second = p.ret(calls.getDeviceFd(g, MF0));
    p.ret(calls.closeFile(first));
    expect(domainOf(p, 'mf0')).toBe('user');
    p.ret(calls.closeFile(second));
    expect(domainOf(p, 'mf0')).toBe('blocking');
    p.ret(calls.unsetContainer(g));
    expect(domainOf(p, 'mf0')).toBe('default');
    p.end();
  });

  test('a group that joins later waits for its device too, and shares the domain then', () => {
    const p = new Program(era, atDeviceFd);
    const { c, g } = p.container(GROUP.solo1);
    p.ret(calls.getDeviceFd(g[0] as number, SOLO1));
    const late = p.ret(calls.openGroup(GROUP.mf));
    p.ret(calls.setContainer(late, c));
    expect(domainOf(p, 'mf0')).toBe('blocking');
    p.ret(calls.getDeviceFd(late, MF0));
    const on = (name: string) => p.system.kernel.findDevice(name)?.group.value?.domain.value;
    expect(on('mf1')).toBe(on('solo1'));
    p.end();
  });

  test('what is mapped before is noted, pinned with the device, kept unpinned without one', () => {
    const p = new Program(era, atDeviceFd);
    const { c, g } = p.container(GROUP.solo1);
    p.ret(calls.mapMemory(MEMORY, 0x10000n, 'rw', false));
    p.ret(calls.fillMemory(MEMORY, 0x1000, 0x5a));
    p.ret(calls.mapDma(c, map(0x100000n)));
    expect(pinned(p)).toBe(0);
    const d = p.device(g[0] as number, SOLO1);
    expect(pinned(p)).toBe(1);
    expect(p.out(calls.eduRead({ fd: d }, 0x100000n, 64))).toEqual({ done: true, faults: [] });
    p.ret(calls.unmapMemory(0x100f00000000n, 0x100000n));
    p.ret(calls.closeFile(d));
    expect([pinned(p), p.task.mm.lockedPages.value]).toEqual([0, 0]);
    expect(p.try(calls.mapDma(c, map(0x100000n)))).toBe('EEXIST');
    p.ret(calls.getDeviceFd(g[0] as number, SOLO1));
    expect(pinned(p)).toBe(1);
    p.end();
  });

  test('unplugging the last device waits for its file and finds the group detached', () => {
    const p = new Program(era, atDeviceFd);
    const { g } = p.container(GROUP.hot);
    const d = p.ret(calls.getDeviceFd(g[0] as number, '0000:05:00.0'));
    const waiting = p.system.sysfs.remove('hot');
    expect('blocked' in waiting).toBe(true);
    p.ret(calls.closeFile(d));
    expect(p.system.sysfs.isPresent('hot')).toBe(false);
    expect(p.try(calls.getStatus(g[0] as number))).toBe('ENODEV');
    p.end();
  });
});

describe('answers that move to another call, or change', () => {
  interface Answers {
    readonly setIommu: string;
    readonly map: string;
    readonly getDeviceFd: string;
  }

  /** One program up to the device, with something in its way. `prepare` runs before SET_IOMMU. */
  function answers(deviceFd: boolean, prepare: (p: Program) => void, size = PAGE): Answers {
    const p = new Program('6.12', deviceFd ? atDeviceFd : referenceVariant);
    p.ret(calls.mapMemory(MEMORY, 0x10000n, 'rw', false));
    const c = p.ret(calls.openContainer());
    const g = p.ret(calls.openGroup(GROUP.solo1));
    p.ret(calls.setContainer(g, c));
    prepare(p);
    const seen = {
      setIommu: p.try(calls.setIommu(c, 3)),
      map: p.try(calls.mapDma(c, map(0x100000n, size))),
      getDeviceFd: p.try(calls.getDeviceFd(g, SOLO1)),
    };
    p.end();
    return seen;
  }

  test('without anything in the way both answer alike', () => {
    for (const deviceFd of [false, true]) {
      expect(answers(deviceFd, () => {})).toEqual({ setIommu: 'ok', map: 'ok', getDeviceFd: 'ok' });
    }
  });

  test('no memory for a domain: SET_IOMMU, or the device', () => {
    const fail = ({ system }: Program) =>
      inject(system.kernel, { operation: 'domain_alloc', device: null, passes: 0, errno: 'ENOMEM' });
    expect(answers(false, fail)).toEqual({ setIommu: 'ENOMEM', map: 'EINVAL', getDeviceFd: 'EINVAL' });
    expect(answers(true, fail)).toEqual({ setIommu: 'ok', map: 'ok', getDeviceFd: 'ENOMEM' });
  });

  test('interrupts that are not isolated: as above', () => {
    const unsafe = (deviceFd: boolean) => {
      const variant = deviceFd ? atDeviceFd : referenceVariant;
      const port = variant.ports.domain as NonNullable<typeof variant.ports.domain>;
      const domain = {
        ...port,
        *capable() {
          return false;
        },
      };
      const p = new Program('6.12', { ...variant, ports: { ...variant.ports, domain } });
      const c = p.ret(calls.openContainer());
      const g = p.ret(calls.openGroup(GROUP.solo1));
      p.ret(calls.setContainer(g, c));
      return [p.try(calls.setIommu(c, 3)), p.try(calls.getDeviceFd(g, SOLO1))];
    };
    expect(unsafe(false)).toEqual(['EPERM', 'EINVAL']);
    expect(unsafe(true)).toEqual(['ok', 'EPERM']);
  });

  test('a map beyond the locked-memory limit: MAP_DMA, or the device', () => {
    const limit = (p: Program) => {
      p.system.setrlimit(p.task, PAGE);
      p.system.setresuid(p.task, 1000);
    };
    expect(answers(false, limit, 2n * PAGE)).toEqual({ setIommu: 'ok', map: 'ENOMEM', getDeviceFd: 'ok' });
    expect(answers(true, limit, 2n * PAGE)).toEqual({ setIommu: 'ok', map: 'ok', getDeviceFd: 'ENOMEM' });
  });

  test('a map of memory that is not there: MAP_DMA, or the device', () => {
    const nothing = () => {};
    expect(answers(false, nothing, 0x20000n).map).toBe('EFAULT');
    expect(answers(true, nothing, 0x20000n)).toEqual({ setIommu: 'ok', map: 'ok', getDeviceFd: 'EFAULT' });
  });

  test('a map over the interrupt window: MAP_DMA, or the device, which then cannot be opened', () => {
    const overWindow = (deviceFd: boolean) => {
      const p = new Program('6.12', deviceFd ? atDeviceFd : referenceVariant);
      p.ret(calls.mapMemory(MEMORY, 0x10000n, 'rw', false));
      const { c, g } = p.container(GROUP.solo1);
      const mapped = p.try(calls.mapDma(c, map(0xfee00000n)));
      const opened = p.try(calls.getDeviceFd(g[0] as number, SOLO1));
      p.end();
      return [mapped, opened];
    };
    expect(overWindow(false)).toEqual(['EINVAL', 'ok']);
    expect(overWindow(true)).toEqual(['ok', 'EINVAL']);
  });

  test('what GET_INFO and CHECK_EXTENSION say before the first device is wider than after it', () => {
    const p = new Program('6.12', atDeviceFd);
    const { c, g } = p.container(GROUP.solo1);
    const ranges = () => {
      const caps = p.out(calls.getInfo(c, 4096)).caps as { id: number; ranges?: unknown }[];
      return caps.find(({ id }) => id === 1)?.ranges ?? null;
    };
    expect([ranges(), p.ret(calls.checkExtension(c, 4))]).toEqual([null, 1]);
    p.ret(calls.getDeviceFd(g[0] as number, SOLO1));
    expect(ranges()).toEqual([
      ['0x0', '0xfedfffff'],
      ['0xfef00000', '0x7fffffffff'],
    ]);
    // This unit cannot overrule no-snoop, so no domain of its is coherent; without a domain all of none are.
    expect(p.ret(calls.checkExtension(c, 4))).toBe(0);
    p.end();
  });
});
