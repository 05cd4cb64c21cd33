/** Tasks: memory, descriptors, limits, fork and exit. */
import { describe, expect, test } from 'vitest';
import { calls, isReturned, type Task } from '../src/index';
import { BAR, MEMORY, Program, shown } from './program';
import { GROUP } from './recorded-profile';

const PAGE = 0x1000n;

describe('memory', () => {
  test('frames come with the first touch and go with the mapping', () => {
    const p = new Program();
    const { memory } = p.system.kernel.machine;
    const before = memory.framesInUse;
    p.ret(calls.mapMemory(MEMORY, 0x4000n, 'rw', false));
    expect(memory.framesInUse).toBe(before);
    p.ret(calls.fillMemory(MEMORY + PAGE, 1, 1));
    p.ret(calls.peekMemory(MEMORY + 3n * PAGE, 1));
    expect(memory.framesInUse).toBe(before + 2);
    p.ret(calls.unmapMemory(MEMORY, 0x4000n));
    expect(memory.framesInUse).toBe(before);
    expect(p.try(calls.peekMemory(MEMORY, 1))).toBe('EFAULT');
    p.end();
  });

  test('rights: a pin for writing wants a writable mapping', () => {
    const p = new Program();
    const page = Number(MEMORY / PAGE);
    p.ret(calls.mapMemory(MEMORY, PAGE, 'r-', false));
    p.ret(calls.mapMemory(MEMORY + PAGE, PAGE, '--', false));
    expect(p.task.mm.resolve(page, false)).toBeGreaterThanOrEqual(0);
    expect(p.task.mm.resolve(page, true)).toBe(-14);
    expect(p.task.mm.resolve(page + 1, false)).toBe(-14);
    expect(p.task.mm.resolve(page + 2, false)).toBe(-14);
    expect(p.try(calls.fillMemory(MEMORY, 1, 0))).toBe('EFAULT');
    p.end();
  });

  test('a hole in the middle leaves both ends', () => {
    const p = new Program();
    p.ret(calls.mapMemory(MEMORY, 3n * PAGE, 'rw', false));
    p.ret(calls.unmapMemory(MEMORY + PAGE, PAGE));
    expect(p.try(calls.fillMemory(MEMORY, 0x1000, 1))).toBe('ok');
    expect(p.try(calls.fillMemory(MEMORY + PAGE, 1, 1))).toBe('EFAULT');
    expect(p.try(calls.fillMemory(MEMORY + 2n * PAGE, 0x1000, 1))).toBe('ok');
    p.end();
  });

  test('a hint gives a frame of 2 MiB where the whole of it lies in the mapping', () => {
    const p = new Program();
    const huge = 0x1000c0000000n;
    p.ret(calls.mapMemory(huge, 0x300000n, 'rw', true));
    const first = p.task.mm.resolve(Number(huge / PAGE) + 5, true) - 5;
    expect(first % 512).toBe(0);
    expect(p.task.mm.resolve(Number(huge / PAGE) + 511, true)).toBe(first + 511);
    const { memory } = p.system.kernel.machine;
    const before = memory.framesInUse;
    // The second 2 MiB are not all mapped: single frames.
    p.task.mm.resolve(Number(huge / PAGE) + 512, true);
    expect(memory.framesInUse).toBe(before + 1);
    p.end();
  });

  test('a pinned frame outlives its mapping', () => {
    const p = new Program();
    const { c } = p.container(GROUP.solo1);
    p.ret(calls.mapMemory(MEMORY, PAGE, 'rw', false));
    p.ret(calls.mapDma(c, { iova: 0n, vaddr: MEMORY, size: PAGE, flags: 3 }));
    const frame = p.task.mm.resolve(Number(MEMORY / PAGE), false);
    p.ret(calls.unmapMemory(MEMORY, PAGE));
    const { memory } = p.system.kernel.machine;
    expect(memory.frameIsAllocated(frame)).toBe(true);
    expect(p.system.vfio.pages.pins).toBe(1);
    p.ret(calls.unmapDma(c, { iova: 0n, size: PAGE, flags: 0 }));
    expect(memory.frameIsAllocated(frame)).toBe(false);
    p.end();
  });

  test('a pin that nobody holds is noticed', () => {
    const p = new Program();
    p.ret(calls.mapMemory(MEMORY, PAGE, 'rw', false));
    const frame = p.task.mm.resolve(Number(MEMORY / PAGE), false);
    p.system.vfio.pages.unpin(frame);
    expect(p.system.kernel.world.violations.map((violation) => violation.kind)).toEqual(['refcount']);
    expect(p.system.kernel.machine.memory.frameIsAllocated(frame)).toBe(true);
  });
});

describe('files', () => {
  test('descriptors are the lowest free ones, shared by dup', () => {
    const p = new Program();
    const a = p.ret(calls.openPath('/dev/null'));
    const b = p.ret(calls.duplicate(a));
    const c = p.ret(calls.openPath('/dev/null'));
    expect([a, b, c]).toEqual([3, 4, 5]);
    p.ret(calls.closeFile(a));
    expect(p.ret(calls.openContainer())).toBe(3);
    expect(p.try(calls.closeFile(99))).toBe('EBADF');
    expect(p.try(calls.duplicate(99))).toBe('EBADF');
    expect(p.try(calls.openPath('/dev/nonesuch'))).toBe('ENOENT');
    p.end();
  });

  test('/dev/null takes everything and knows no ioctl', () => {
    const p = new Program();
    const fd = p.ret(calls.openPath('/dev/null'));
    expect(p.ret(calls.readFile(fd, 4))).toBe(0);
    expect(p.ret(calls.writeFile(fd, 4))).toBe(4);
    expect(p.try(calls.getApiVersion(fd))).toBe('ENOTTY');
    expect(p.try(calls.tryMap(fd, 0n, PAGE, true))).toBe('ENODEV');
    p.end();
  });

  test('each piece of a mapped BAR keeps the device open', () => {
    const p = new Program();
    const { g } = p.container(GROUP.solo1);
    const group = g[0] as number;
    const d = p.device(group, '0000:01:00.0');
    p.ret(calls.closeFile(d));
    p.ret(calls.unmapMemory(BAR + 0x10000n, 0x10000n));
    p.ret(calls.unmapMemory(BAR, 0x10000n));
    expect(p.try(calls.unsetContainer(group))).toBe('EBUSY');
    p.ret(calls.unmapMemory(BAR + 0x20000n, 0xe0000n));
    expect(p.try(calls.unsetContainer(group))).toBe('ok');
    p.end();
  });

  test('eventfds count, and only eventfds can be signalled', () => {
    const p = new Program();
    const answer = p.system.eventfd(p.task);
    const fd = isReturned(answer) ? answer.ret : -1;
    expect(p.system.waitEvent(p.task, fd, 10)).toBe(false);
    const one = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);
    p.system.write(p.task, fd, one);
    p.system.write(p.task, fd, one);
    const read = new Uint8Array(8);
    expect(shown(p.system.read(p.task, fd, read.subarray(0, 4)))).toBe('EINVAL');
    expect(shown(p.system.read(p.task, fd, read))).toBe('ok');
    expect(read[0]).toBe(2);
    const { g } = p.container(GROUP.solo1);
    const d = p.ret(calls.getDeviceFd(g[0] as number, '0000:01:00.0'));
    expect(p.try(calls.setIrqs(d, { flags: 36, index: 4, start: 0, count: 1, data: [d] }))).toBe('EINVAL');
    p.end();
  });
});

describe('processes', () => {
  test('a child has the files and a copy of the memory; pins stay with the parent (multi/fork)', () => {
    const p = new Program();
    const { c, g } = p.container(GROUP.solo1);
    const d = p.device(g[0] as number, '0000:01:00.0');
    p.ret(calls.mapMemory(MEMORY, 0x100000n, 'rw', false));
    p.ret(calls.fillMemory(MEMORY, 0x1000, 0x20));
    p.ret(calls.mapDma(c, { iova: 0x100000n, vaddr: MEMORY, size: PAGE, flags: 3 }));
    const parent = p.task;
    p.task = p.system.fork(parent) as Task;
    p.ret(calls.fillMemory(MEMORY, 0x1000, 0x30));
    p.ret(calls.eduRead({ fd: d }, 0x100000n, 64));
    p.ret(calls.eduWrite({ fd: d }, 0x100080n, 64));
    expect(p.out(calls.peekMemory(MEMORY, 0x100)).runs).toEqual([['0x30', 256]]);
    p.ret(calls.mapDma(c, { iova: 0x200000n, vaddr: MEMORY, size: PAGE, flags: 3 }));
    p.ret(calls.eduWrite({ fd: d }, 0x2000c0n, 32));
    expect(p.out(calls.peekMemory(MEMORY, 0x100)).runs).toEqual([
      ['0x30', 192],
      ['0x20', 32],
      ['0x30', 32],
    ]);
    p.ret(calls.unmapDma(c, { iova: 0x100000n, size: PAGE, flags: 0 }));
    expect(shown(p.system.exit(p.task))).toBe('ok');
    p.task = parent;
    expect(p.out(calls.peekMemory(MEMORY, 0x100)).runs).toEqual([['0x20', 256]]);
    expect(p.out(calls.unmapDma(c, { iova: 0x200000n, size: PAGE, flags: 0 }))).toEqual({ size: '0x1000' });
    expect(p.out(calls.unmapDma(c, { iova: 0x100000n, size: PAGE, flags: 0 }))).toEqual({ size: '0x0' });
    p.end();
  });

  test('locked memory is limited once the process is not root any more (map/limit-memlock)', () => {
    const p = new Program();
    const { c } = p.container(GROUP.solo1);
    const map = (iova: bigint, size: bigint) =>
      p.try(calls.mapDma(c, { iova, vaddr: MEMORY, size, flags: 3 }));
    p.ret(calls.mapMemory(MEMORY, 0x400000n, 'rw', false));
    p.system.setrlimit(p.task, 0x8000n);
    expect(map(0n, 0x100000n)).toBe('ok');
    p.ret(calls.unmapDma(c, { iova: 0n, size: 0x100000n, flags: 0 }));
    expect(shown(p.system.setresuid(p.task, 1000))).toBe('ok');
    expect(shown(p.system.setresuid(p.task, 0))).toBe('EPERM');
    expect(map(0n, 0x9000n)).toBe('ENOMEM');
    expect(map(0n, 0x8000n)).toBe('ok');
    expect(map(0x100000n, 0x1000n)).toBe('ENOMEM');
    p.end();
  });

  test('exit closes in whatever state things are', () => {
    const p = new Program();
    const { c, g } = p.container(GROUP.solo1, GROUP.pair);
    p.device(g[0] as number, '0000:01:00.0');
    p.ret(calls.getDeviceFd(g[1] as number, '0000:04:02.0'));
    p.ret(calls.mapMemory(MEMORY, 0x100000n, 'rw', false));
    p.ret(calls.mapDma(c, { iova: 0n, vaddr: MEMORY, size: 0x100000n, flags: 3 }));
    expect(p.system.vfio.pages.pins).toBe(256);
    p.end();
    expect(p.system.vfio.pages.pins).toBe(0);
    expect(p.task.mm.dead).toBe(true);
  });
});
