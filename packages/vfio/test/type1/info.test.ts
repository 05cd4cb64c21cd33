import { describe, expect, it } from 'vitest';
import { Container, MEMORY, MIB } from './container';

const PAGE_SIZES = 0x40201000n;

describe.each([
  ['6.1', 116],
  ['6.12', 120],
  ['7.2', 120],
] as const)('GET_INFO on %s', (era, wanted) => {
  it('refuses an argsz below 16', () => {
    const container = new Container({ era });
    for (const argsz of [0, 4, 8, 12]) expect(container.info(argsz, 4096).answer).toBe('EINVAL');
    expect(container.info(16, 12).answer).toBe('EFAULT');
  });

  it('says how much room the capabilities want', () => {
    const container = new Container({ era });
    for (const argsz of [16, 20, 24, 64, wanted - 1]) {
      const { answer, view } = container.info(argsz, 4096);
      expect(answer).toBe(0);
      expect([view.getUint32(0, true), view.getUint32(4, true), view.getBigUint64(8, true)]).toEqual([
        wanted,
        3,
        PAGE_SIZES,
      ]);
      expect(view.getUint32(16, true)).toBe(0);
    }
  });

  it('writes the chain migration, dma_avail, iova_range', () => {
    const container = new Container({ era });
    container.memory(MEMORY, MIB);
    expect(container.map(0n, MEMORY, MIB)).toBe(0);
    const { answer, view } = container.info(4096);
    expect(answer).toBe(0);
    expect([view.getUint32(0, true), view.getUint32(16, true)]).toEqual([4096, 24]);
    const header = (at: number) => [
      view.getUint16(at, true),
      view.getUint16(at + 2, true),
      view.getUint32(at + 4, true),
    ];
    const ranges = wanted - 48;
    expect(header(24)).toEqual([2, 1, 56]);
    expect([view.getUint32(32, true), view.getBigUint64(40, true), view.getBigUint64(48, true)]).toEqual([
      0,
      0x1000n,
      0x10000000n,
    ]);
    expect(header(56)).toEqual([3, 1, ranges]);
    expect(view.getUint32(64, true)).toBe(65534);
    expect(header(ranges)).toEqual([1, 1, 0]);
    expect([view.getUint32(ranges + 8, true), view.getUint32(ranges + 12, true)]).toEqual([2, 0]);
    const bounds = [16, 24, 32, 40].map((offset) => view.getBigUint64(ranges + offset, true));
    expect(bounds).toEqual([0n, 0xfedfffffn, 0xfef00000n, 0x7fffffffffn]);
    expect(view.byteLength - 1).toBeGreaterThan(wanted);
    expect(view.getUint8(wanted)).toBe(0);
  });

  it('fits a buffer of exactly that size', () => {
    const container = new Container({ era });
    const { answer, view } = container.info(wanted);
    expect([answer, view.getUint32(0, true), view.getUint32(16, true)]).toEqual([0, wanted, 24]);
    expect(container.info(wanted, wanted - 1).answer).toBe('EFAULT');
  });

  it('has no ranges and all page sizes before there is a domain', () => {
    const container = new Container({ era, groups: [] });
    const { view } = container.info(16, 4096);
    expect([view.getUint32(0, true), view.getBigUint64(8, true)]).toEqual([wanted - 48, 0xfffffffffffff000n]);
  });
});

describe('extensions', () => {
  it('are claimed without a container as recorded', async () => {
    const { type1BackendType } = await import('../../src/type1/backend');
    const { system } = new Container();
    const claimed = Array.from({ length: 13 }, (_, extension) => extension).filter((extension) =>
      type1BackendType.claims(system, extension),
    );
    expect(claimed).toEqual([1, 3, 6, 9]);
    expect(type1BackendType.claims(system, 99)).toBe(false);
  });

  it('of a container add the new vaddr, and coherency where every domain enforces it', () => {
    const ask = (container: Container) =>
      Array.from({ length: 13 }, (_, extension) => extension).filter(
        (extension) => container.run(() => container.backend.checkExtension(extension)) === 1,
      );
    expect(ask(new Container())).toEqual([1, 3, 6, 9, 10]);
    const snooping = new Container({ config: snoopControl() });
    expect(ask(snooping)).toEqual([1, 3, 4, 6, 9, 10]);
    expect(snooping.domains[0]?.enforceCacheCoherency.value).toBe(true);
  });

  it('that are no container types are refused at open', async () => {
    const { type1BackendType } = await import('../../src/type1/backend');
    const container = new Container();
    for (const type of [0, 6, 9, 10]) {
      expect(container.run(() => type1BackendType.open(container.system, type))).toBe('EINVAL');
    }
  });
});

function snoopControl() {
  const { machine } = new Container().kernel.config;
  return {
    machine: {
      ...machine,
      unit: { capability: '0xd2008c22260286', extendedCapability: '0xf00fca' },
    },
  };
}
