/** Device files, as recorded in device.jsonl and dma.jsonl; but for features all of it is the same on every kernel. */
import type { EraId } from '@iommu-lab/kernel';
import { describe, expect, test } from 'vitest';
import { calls } from '../src/index';
import { BAR, MEMORY, Program } from './program';
import { GROUP } from './recorded-profile';

/** What can be asked for by VFIO_DEVICE_FEATURE, of the first twelve. */
const FEATURES: Readonly<Partial<Record<EraId, readonly number[]>>> = {
  '5.10': [],
  '6.1': [3, 4, 5],
  '6.12': [3, 4, 5],
  '7.2': [3, 4, 5, 11],
};

function opened(era: EraId, group: number, name: string) {
  const p = new Program(era);
  const { c, g } = p.container(group);
  const d = p.ret(calls.getDeviceFd(g[0] as number, name));
  return { p, c, g: g[0] as number, d };
}

describe.each<EraId>(['5.10', '6.1', '6.12', '7.2'])('on %s', (era) => {
  const solo1 = () => opened(era, GROUP.solo1, '0000:01:00.0');

  test('regions, interrupts, features (device/info)', () => {
    const { p, d } = solo1();
    expect(p.out(calls.getDeviceInfo(d))).toEqual({ flags: 3, num_regions: 9, num_irqs: 5 });
    expect(p.out(calls.getRegionInfo(d, 0))).toEqual({ flags: 7, size: '0x100000', offset: '0x0' });
    expect(p.out(calls.getRegionInfo(d, 1))).toEqual({ flags: 0, size: '0x0', offset: '0x10000000000' });
    expect(p.out(calls.getRegionInfo(d, 6))).toEqual({ flags: 0, size: '0x0', offset: '0x60000000000' });
    expect(p.out(calls.getRegionInfo(d, 7))).toEqual({ flags: 3, size: '0x100', offset: '0x70000000000' });
    expect(p.try(calls.getRegionInfo(d, 8))).toBe('EINVAL');
    expect(p.try(calls.getRegionInfo(d, 9))).toBe('EINVAL');
    expect(p.out(calls.getIrqInfo(d, 0))).toEqual({ flags: 7, count: 1 });
    expect(p.out(calls.getIrqInfo(d, 1))).toEqual({ flags: 9, count: 1 });
    expect(p.out(calls.getIrqInfo(d, 2))).toEqual({ flags: 9, count: 0 });
    expect(p.try(calls.getIrqInfo(d, 3))).toBe('EINVAL');
    expect(p.out(calls.getIrqInfo(d, 4))).toEqual({ flags: 9, count: 1 });
    expect(p.try(calls.getIrqInfo(d, 5))).toBe('EINVAL');
    const features = [...Array(12).keys()].filter(
      (feature) => p.try(calls.probeFeature(d, feature)) === 'ok',
    );
    expect(features).toEqual(FEATURES[era]);
    p.end();
  });

  test('configuration space is virtualised (device/info)', () => {
    const { p, d } = solo1();
    const read = (offset: bigint, length: number) => p.out(calls.configRead(d, offset, length)).value;
    const write = (offset: bigint, length: number, value: bigint) =>
      expect(p.ret(calls.configWrite(d, offset, length, value))).toBe(length);
    expect(read(0x0n, 4)).toBe('0x11e81234');
    expect(read(0x4n, 2)).toBe('0x103');
    expect(read(0x8n, 4)).toBe('0xff0010');
    expect(read(0x10n, 4)).toBe('0xfde00000');
    expect(read(0x34n, 1)).toBe('0x40');
    expect(read(0x3dn, 1)).toBe('0x1');
    write(0x0n, 2, 0xffffn);
    expect(read(0x0n, 2)).toBe('0x1234');
    write(0x10n, 4, 0xffffffffn);
    expect(read(0x10n, 4)).toBe('0xfff00000');
    write(0x10n, 4, 0x12345678n);
    expect(read(0x10n, 4)).toBe('0x12300000');
    write(0x3cn, 1, 0x55n);
    expect(read(0x3cn, 1)).toBe('0x55');
    write(0x4n, 2, 0xffffn);
    expect(read(0x4n, 2)).toBe('0x507');
    for (const offset of [0xfen, 0x100n, 0xffen, 0x1000n]) {
      expect(p.try(calls.configRead(d, offset, 4))).toBe('EFAULT');
    }
    p.end();
  });

  test('what of a BAR can be mapped (device/info)', () => {
    const { p, d } = solo1();
    const map = (offset: bigint, length: bigint, shared = true) =>
      p.try(calls.tryMap(d, offset, length, shared));
    expect(map(0n, 0x100000n)).toBe('ok');
    expect(map(0n, 0x1000n)).toBe('ok');
    expect(map(0n, 0x200000n)).toBe('EINVAL');
    expect(map(0xff000n, 0x1000n)).toBe('ok');
    expect(map(0x100000n, 0x1000n)).toBe('EINVAL');
    expect(map(0x10000000000n, 0x1000n)).toBe('EINVAL');
    expect(map(0x70000000000n, 0x1000n)).toBe('EINVAL');
    expect(map(0n, 0x1000n, false)).toBe('EINVAL');
    p.end();
  });

  test('a BAR with memory space off (device/memory-disabled)', () => {
    const { p, d } = solo1();
    p.ret(calls.configWrite(d, 4n, 2, 6n));
    expect(p.out(calls.barRead(d, 0n, 4))).toEqual({ value: '0x10000ed' });
    p.ret(calls.configWrite(d, 4n, 2, 0n));
    expect(p.try(calls.barRead(d, 0n, 4))).toBe('EIO');
    expect(p.out(calls.barLoad(d, 0n))).toEqual({ signal: 7 });
    p.ret(calls.configWrite(d, 4n, 2, 6n));
    expect(p.out(calls.barLoad(d, 0n))).toEqual({ signal: 0, value: '0x10000ed' });
    p.end();
  });

  test.each([
    ['solo1', GROUP.solo1, '0000:01:00.0', 3, 'ok', [[7, '0000:01:00.0']]],
    [
      'pair1',
      GROUP.pair,
      '0000:04:01.0',
      2,
      'EINVAL',
      [
        [9, '0000:04:01.0'],
        [9, '0000:04:02.0'],
      ],
    ],
    ['mf0', GROUP.mf, '0000:00:05.0', 2, 'EINVAL', null],
  ] as const)('resetting %s (device/reset)', (_label, group, name, flags, answer, hotReset) => {
    const { p, d } = opened(era, group, name);
    expect(p.out(calls.getDeviceInfo(d)).flags).toBe(flags);
    p.ret(calls.configWrite(d, 4n, 2, 6n));
    p.ret(calls.configWrite(d, 0x3cn, 1, 0x2an));
    expect(p.try(calls.resetDevice(d))).toBe(answer);
    expect(p.out(calls.configRead(d, 4n, 2)).value).toBe('0x6');
    expect(p.out(calls.configRead(d, 0x3cn, 1)).value).toBe('0x2a');
    const devices = hotReset?.map(([number, bdf]) => ({ group: number, bdf }));
    if (devices === undefined) expect(p.try(calls.getHotResetInfo(d))).toBe('ENODEV');
    else expect(p.out(calls.getHotResetInfo(d))).toEqual({ flags: 0, devices });
    p.end();
  });

  test('hot reset wants all groups, and all functions on vfio-pci (device/hot-reset)', () => {
    const { p, c, g, d } = opened(era, GROUP.pair, '0000:04:01.0');
    const solo = p.container(GROUP.solo1);
    const g2 = solo.g[0] as number;
    const ds = p.ret(calls.getDeviceFd(g2, '0000:01:00.0'));
    const reset = (fd: number, groups: number[]) => p.try(calls.hotResetDevice(fd, groups));
    expect(reset(d, [])).toBe('EINVAL');
    expect(reset(d, [g2])).toBe('EINVAL');
    expect(reset(d, [g])).toBe('ok');
    expect(reset(d, [g, g2])).toBe('ok');
    expect(reset(d, [c])).toBe('EINVAL');
    expect(reset(d, [g, g2, g])).toBe('EINVAL');
    expect(reset(d, [999])).toBe('EBADF');
    expect(reset(ds, [g2])).toBe('ok');
    expect(reset(ds, [g])).toBe('EINVAL');
    p.ret(calls.closeFile(d));
    p.system.sysfs.unbind('pair2');
    const again = p.ret(calls.getDeviceFd(g, '0000:04:01.0'));
    expect(reset(again, [g])).toBe('EINVAL');
    p.system.sysfs.bind('pair2', 'pci-stub');
    expect(reset(again, [g])).toBe('EINVAL');
    p.end();
  });

  test('the last close stops DMA and puts the registers back', () => {
    const { p, g, d } = solo1();
    p.ret(calls.configWrite(d, 4n, 2, 7n));
    p.ret(calls.closeFile(d));
    const edu = p.system.kernel.machine.edu('0000:01:00.0');
    expect(edu?.busMaster).toBe(false);
    expect(edu?.memoryEnabled).toBe(true);
    const e = p.ret(calls.getDeviceFd(g, '0000:01:00.0'));
    expect(p.out(calls.configRead(e, 4n, 2)).value).toBe('0x103');
    p.end();
  });
});

test('DMA by the program through the BAR, and the faults that the kernel logs (dma/unmapped)', () => {
  const p = new Program();
  const { c, g } = p.container(GROUP.solo1);
  const d = p.device(g[0] as number, '0000:01:00.0');
  p.ret(calls.mapMemory(MEMORY, 0x100000n, 'rw', false));
  p.ret(calls.fillMemory(MEMORY, 0x1000, 0x77));
  p.ret(calls.mapDma(c, { iova: 0x100000n, vaddr: MEMORY, size: 0x1000n, flags: 3 }));
  expect(p.out(calls.eduRead({ fd: d }, 0x100000n, 256))).toEqual({ done: true, faults: [] });
  const fault = {
    access: 'read',
    dev: '01:00.0',
    addr: '0x1000000',
    reason: 'PTE Read access is not set',
  };
  expect(p.out(calls.eduRead({ fd: d }, 0x1000000n, 128))).toEqual({ done: true, faults: [fault] });
  p.ret(calls.fillMemory(MEMORY, 0x1000, 0));
  expect(p.out(calls.eduWrite({ fd: d }, 0x100000n, 256))).toEqual({ done: true, faults: [] });
  // The refused read left zeroes in the device's buffer.
  expect(p.out(calls.peekMemory(MEMORY, 0x200))).toEqual({
    runs: [
      ['0x00', 128],
      ['0x77', 128],
      ['0x00', 256],
    ],
  });
  p.end();
});

test('without a mapping of the BAR the device is driven by pwrite', () => {
  const p = new Program();
  const { c, g } = p.container(GROUP.solo1);
  const d = p.device(g[0] as number, '0000:01:00.0');
  p.ret(calls.unmapMemory(BAR, 0x100000n));
  p.ret(calls.mapMemory(MEMORY, 0x1000n, 'rw', false));
  p.ret(calls.fillMemory(MEMORY, 64, 0x5a));
  p.ret(calls.mapDma(c, { iova: 0x100000n, vaddr: MEMORY, size: 0x1000n, flags: 3 }));
  p.ret(calls.eduRead({ fd: d }, 0x100000n, 64));
  p.ret(calls.eduWrite({ fd: d }, 0x100080n, 64));
  expect(p.out(calls.peekMemory(MEMORY, 0x100)).runs).toEqual([
    ['0x5a', 64],
    ['0x00', 64],
    ['0x5a', 64],
    ['0x00', 64],
  ]);
  p.end();
});
