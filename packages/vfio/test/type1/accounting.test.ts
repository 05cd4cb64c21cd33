import { describe, expect, it } from 'vitest';
import { Container, MEMORY, MIB } from './container';

function limited(pages: bigint): Container {
  const container = new Container();
  container.memory(MEMORY, 4n * MIB);
  container.task.uid = 1000;
  container.task.memlockBytes = pages << 12n;
  return container;
}

describe('RLIMIT_MEMLOCK', () => {
  it('does not bind root', () => {
    const container = limited(8n);
    container.task.uid = 0;
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    expect(container.counts.lockedPages).toBe(256);
  });

  it('refuses what goes beyond it and leaves nothing behind', () => {
    const container = limited(8n);
    const { memory } = container.kernel.machine;
    const { framesInUse } = memory;
    expect(container.map(0n, MEMORY, MIB)).toBe('ENOMEM');
    // Pages beyond the limit were not even touched.
    expect(memory.framesInUse - framesInUse).toBe(9);
    expect(container.map(0n, MEMORY, 0x9000n)).toBe('ENOMEM');
    expect(container.counts).toEqual({ dmas: 0, lockedPages: 0, pins: 0, avail: 65535 });
    expect(container.map(0n, MEMORY, 0x8000n)).toBe(0);
    expect(container.map(0x100000n, MEMORY + 0x8000n, 0x1000n)).toBe('ENOMEM');
    expect(container.map(0x100000n, MEMORY, 0x1000n)).toBe('ENOMEM');
    expect(container.unmap(0n, 0x8000n)).toBe(0x8000n);
    expect(container.counts.lockedPages).toBe(0);
    container.expectSound();
  });

  it('counts a page as often as it is mapped', () => {
    const container = limited(8n);
    expect(container.map(0n, MEMORY, 0x4000n)).toBe(0);
    expect(container.map(0x100000n, MEMORY, 0x4000n)).toBe(0);
    expect(container.map(0x200000n, MEMORY, 0x1000n)).toBe('ENOMEM');
    expect(container.unmap(0n, 0n, 2)).toBe(0x8000n);
    expect(container.map(0n, MEMORY, 0x8000n)).toBe(0);
  });

  it('binds by the rights at the time of the map', () => {
    const container = limited(8n);
    container.task.uid = 0;
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    container.task.uid = 1000;
    expect(container.map(0x100000n, MEMORY, 0x1000n)).toBe('ENOMEM');
    expect(container.unmap(0n, MIB)).toBe(MIB);
    expect(container.counts.lockedPages).toBe(0);
  });

  it('finds the missing page before the limit where it comes first', () => {
    const container = limited(2n);
    container.task.mm.removeArea(Number((MEMORY + 0x1000n) >> 12n), 1);
    expect(container.map(0n, MEMORY, 0x4000n)).toBe('EFAULT');
    expect(container.map(0n, MEMORY + 0x2000n, 0x4000n)).toBe('ENOMEM');
  });

  it('does not count device memory', () => {
    const container = limited(0n);
    container.deviceMemory(0x100f00000000n, 0xfde00000n, MIB);
    expect(container.map(0n, 0x100f00000000n, MIB)).toBe(0);
    expect(container.map(0x200000n, MEMORY, 0x1000n)).toBe('ENOMEM');
  });

  it('does not matter to a killed process: it is interrupted', () => {
    const container = limited(8n);
    container.task.killed = true;
    expect(container.map(0n, MEMORY, 0x1000n)).toBe('EINTR');
    expect(container.counts).toEqual({ dmas: 0, lockedPages: 0, pins: 0, avail: 65535 });
  });
});

describe('two processes with one container', () => {
  it('each pay for what they map, whoever unmaps it', () => {
    const container = limited(8n);
    const child = container.newTask();
    container.memory(MEMORY, MIB, 'rw', child);
    expect(container.map(0n, MEMORY, 0x4000n)).toBe(0);
    expect(container.map(0x100000n, MEMORY, 0x2000n, 3, child)).toBe(0);
    expect([container.task.mm.lockedPages.value, child.mm.lockedPages.value]).toEqual([4, 2]);
    expect(container.translations(0n)).not.toEqual(container.translations(0x100000n));
    expect(container.unmap(0n, 0x4000n, 0, child)).toBe(0x4000n);
    expect(container.unmap(0x100000n, 0x2000n)).toBe(0x2000n);
    expect([container.task.mm.lockedPages.value, child.mm.lockedPages.value]).toEqual([0, 0]);
    container.expectSound();
  });

  it('unmap what a process that is gone had mapped', () => {
    const container = limited(8n);
    const child = container.newTask();
    container.memory(MEMORY, MIB, 'rw', child);
    expect(container.map(0x200000n, MEMORY, 0x1000n, 3, child)).toBe(0);
    container.run(() => child.mm.put());
    expect([child.mm.dead, child.mm.freed]).toEqual([true, false]);
    expect(container.counts.pins).toBe(1);
    expect(container.unmap(0x200000n, 0x1000n)).toBe(0x1000n);
    expect([container.counts.pins, child.mm.freed]).toEqual([0, true]);
    container.expectSound();
  });

  it('move the charge with a new vaddr', () => {
    const container = limited(8n);
    const child = container.newTask();
    child.uid = 1000;
    child.memlockBytes = 2n << 12n;
    container.memory(MEMORY, MIB, 'rw', child);
    expect(container.map(0n, MEMORY, 0x4000n)).toBe(0);
    expect(container.unmap(0n, 0x4000n, 4)).toBe(0x4000n);
    expect(container.map(0n, MEMORY, 0x4000n, 4, child)).toBe('ENOMEM');
    child.memlockBytes = 4n << 12n;
    child.killed = true;
    expect(container.map(0n, MEMORY, 0x4000n, 4, child)).toBe('EINTR');
    child.killed = false;
    expect(container.map(0n, MEMORY, 0x4000n, 4, child)).toBe(0);
    expect([container.task.mm.lockedPages.value, child.mm.lockedPages.value]).toEqual([0, 4]);
    expect([container.task.mm.holders.value, child.mm.holders.value]).toEqual([1, 2]);
    expect(container.unmap(0n, 0x4000n)).toBe(0x4000n);
    expect(child.mm.lockedPages.value).toBe(0);
    container.expectSound();
  });
});
