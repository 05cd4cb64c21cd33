/** What type1 of 5.10 has not yet: as recorded in map, unmap and multi of 5.10. */
import { describe, expect, it } from 'vitest';
import { Container, MEMORY, MIB } from './container';

function mapped() {
  const container = new Container({ era: '5.10' });
  container.memory(MEMORY, MIB);
  expect(container.map(0x100000n, MEMORY, 0x1000n)).toBe(0);
  return container;
}

describe('type1 on 5.10', () => {
  it('knows neither ALL nor VADDR', () => {
    const container = mapped();
    for (const flags of [2, 4, 6]) expect(container.unmap(0n, 0n, flags)).toBe('EINVAL');
    expect(container.map(0x100000n, MEMORY, 0x1000n, 4)).toBe('EINVAL');
    expect(container.counts.dmas).toBe(1);
  });

  it('lets only a process with the same memory unmap', () => {
    const container = mapped();
    expect(container.unmap(0x100000n, 0x1000n, 0, container.newTask())).toBe(0n);
    expect(container.counts.dmas).toBe(1);
    expect(container.unmap(0x100000n, 0x1000n)).toBe(0x1000n);
  });

  it('claims every page size, and wants 116 bytes for its capabilities', () => {
    const { view } = mapped().info(16, 4096);
    expect([view.getUint32(0, true), view.getBigUint64(8, true)]).toEqual([116, 0xffff_ffff_ffff_f000n]);
  });
});
