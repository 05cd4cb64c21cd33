/** Tables built by core, walked by QEMU 7.2's VT-d and by core's own unit: same addresses, same faults. */
import { describe, expect, it, vi } from 'vitest';
import { PageTable, type PhysicalMemory, PROT_READ, PROT_WRITE, vtd, vtdSecondStage } from '../src/index';
import {
  EXTENDED_CAPABILITY,
  imageOf,
  newMemory,
  requesterIdAt,
  runInUnit,
  startUnit,
  verdictOf,
} from './qemu/both';
import { type QemuAccess, type QemuOptions, QemuWalker, qemuMissing, walkInQemu } from './qemu/index';

// The first start of QEMU on a machine writes its RAM image, which takes seconds.
vi.setConfig({ testTimeout: 60_000 });
const missing = qemuMissing();
const RW = PROT_READ | PROT_WRITE;
const A = '00:03.0';
const B = '00:04.0';
const C = '05:00.0';

/** Root, context tables and a second-stage table on fresh memory. */
class Rig {
  readonly memory: PhysicalMemory = newMemory();
  readonly root = this.memory.allocateTable();
  readonly table: PageTable;
  readonly #contexts = new Map<number, number>();

  constructor(readonly addressBits: 39 | 48) {
    const table = PageTable.create(this.memory, vtdSecondStage, {
      levels: addressBits === 39 ? 3 : 4,
      outputBits: addressBits,
    });
    if (typeof table === 'string') throw new Error(table);
    this.table = table;
  }
  /** Page of the context table of a bus, made where missing. */
  contextPage(bus: number): number {
    let page = this.#contexts.get(bus);
    if (page === undefined) {
      page = this.memory.allocateTable();
      this.#contexts.set(bus, page);
      this.memory.writeEntry(this.root, bus * 2, vtd.rootEntry(page).low);
    }
    return page;
  }
  setContext(device: string, low: bigint, high: bigint): void {
    const id = requesterIdAt(device);
    const page = this.contextPage(id >> 8);
    this.memory.writeEntry(page, (id & 0xff) * 2, low);
    this.memory.writeEntry(page, (id & 0xff) * 2 + 1, high);
  }
  attach(device: string, domainId: number): void {
    const addressWidth = this.addressBits === 39 ? 1 : 2;
    const entry = vtd.contextEntry({
      tablePage: this.table.rootPage,
      translationType: 0,
      addressWidth,
      domainId,
    });
    this.setContext(device, entry.low, entry.high);
  }
  /** Every access after emptying the caches, in both; equal answers, which come back. */
  async compare(
    accesses: QemuAccess[],
    options: Partial<QemuOptions> = {},
    extended = EXTENDED_CAPABILITY,
  ): Promise<string[]> {
    const rootTable = BigInt(this.root) << 12n;
    const qemu = await walkInQemu(imageOf(this.memory), rootTable, accesses, {
      addressBits: this.addressBits,
      ...options,
    });
    const unit = startUnit(this.memory, this.root, this.addressBits, extended);
    const steps = accesses.map((access) => ({ do: 'access' as const, ...access }));
    const own = runInUnit(unit, this.memory, steps, true);
    const named = (verdicts: string[]): string[] =>
      verdicts.map(
        (verdict, i) =>
          `${accesses[i]?.device} ${accesses[i]?.access} 0x${accesses[i]?.iova.toString(16)}: ${verdict}`,
      );
    expect(named(own)).toEqual(named(qemu.map(verdictOf)));
    return own;
  }
}

const both = (device: string, ...iovas: bigint[]): QemuAccess[] =>
  iovas.flatMap((iova) => [
    { device, iova, access: 'read' as const },
    { device, iova, access: 'write' as const },
  ]);

describe.each([39, 48] as const)('at %i bits', (addressBits) => {
  it('4K, 2M and 1G pages with every permission', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = new Rig(addressBits);
    rig.attach(A, 1);
    rig.attach(C, 2);
    const { table } = rig;
    expect(table.map(0x1000n, 0x2345000n, 0x3000n, RW)).toBe(0);
    expect(table.map(0x10000n, 0x3000000n, 0x1000n, PROT_READ)).toBe(0);
    expect(table.map(0x11000n, 0x3001000n, 0x1000n, PROT_WRITE)).toBe(0);
    expect(table.map(0x200000n, 0x4000000n, 0x200000n, RW)).toBe(0);
    expect(table.map(0x400000n, 0x4200000n, 0x200000n, PROT_READ)).toBe(0);
    expect(table.map(0x40000000n, 0x40000000n, 0x40000000n, RW)).toBe(0);
    const top = 1n << BigInt(addressBits);
    expect(table.map(top - 0x1000n, 0x5000000n, 0x1000n, RW)).toBe(0);
    const answers = await rig.compare([
      ...both(A, 0x1000n, 0x1ff8n, 0x3010n, 0x4000n, 0x10008n, 0x11008n, 0x200008n, 0x3ffff0n, 0x400010n),
      ...both(A, 0x40001238n, 0x7ffffff8n, 0x80000000n, top - 8n, top, top + 0x1000n, 0n),
      ...both(C, 0x1000n, 0x200008n, 0x8000000n),
      { device: A, iova: 0xfee00000n, access: 'read' },
    ]);
    expect(answers.slice(0, 2)).toEqual(['to 0x2345000', 'to 0x2345000']);
    expect(new Set(answers.map((answer) => answer.split(' of')[0]))).toContain('fault 4');
  });

  it('faults of root, context and paging entries', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = new Rig(addressBits);
    const { memory, table } = rig;
    const aw = addressBits === 39 ? 1n : 2n;
    const low = (BigInt(table.rootPage) << 12n) | 1n;
    const high = (7n << 8n) | aw;
    rig.attach(A, 7);
    expect(table.map(0n, 0x2000000n, 0x10000n, RW)).toBe(0);
    expect(table.map(0x200000n, 0x2200000n, 0x800000n, RW)).toBe(0);
    const outside = 1n << 36n; // no RAM there
    const walk = [...table.entries()];
    const leafTable = walk.find(
      (entry) => entry.isTable && entry.index === 0 && entry.path.length === table.levels - 2,
    );
    const leafPage = leafTable?.targetPage as number;
    const directory = walk.find((entry) => !entry.isTable && entry.path.length === table.levels - 2);
    const pages2M = walk.find((entry) => entry.isTable && entry.path.length === table.levels - 3)
      ?.targetPage as number;
    expect(directory?.path.length).toBe(table.levels - 2);
    const leafs = [
      0n,
      1n,
      2n,
      3n | (1n << 11n),
      3n | (1n << 7n),
      3n | (1n << 62n),
      3n | (1n << 63n),
      3n | (1n << 52n),
    ];
    leafs.forEach((bits, i) => {
      memory.writeEntry(leafPage, i, 0x2345000n + BigInt(i) * 0x1000n + bits);
    });
    memory.writeEntry(leafPage, 8, 3n | (1n << BigInt(addressBits)));
    memory.writeEntry(leafPage, 9, 3n | outside);
    memory.writeEntry(leafPage, 10, 3n | 0xfee01000n);
    memory.writeEntry(pages2M, 1, 0x2201000n | 0x83n); // a misaligned 2M leaf
    memory.writeEntry(pages2M, 2, outside | 3n); // a table that is not there
    memory.writeEntry(pages2M, 3, BigInt(leafPage) * 4096n + 0x803n); // reserved bit 11 in a pointer
    memory.writeEntry(pages2M, 4, BigInt(leafPage) * 4096n + 1n); // read only above
    memory.writeEntry(pages2M, 5, 0xfec00000n | 0x83n); // a 2M leaf that touches the interrupt range
    rig.setContext('00:05.0', 0n, 0n);
    rig.setContext('00:06.0', low, (7n << 8n) | 3n); // 5 levels are not offered
    rig.setContext('00:07.0', low | 0x10n, high);
    rig.setContext('00:08.0', low, high | (1n << 40n));
    rig.setContext('00:09.0', low | 4n, high); // device-TLB type is not offered
    rig.setContext('00:0a.0', low | 12n, high); // reserved type
    rig.setContext('00:0b.0', outside | 1n, high); // table outside of RAM
    rig.setContext('00:0c.0', low | 2n, high); // faults not recorded
    rig.setContext('00:0d.0', (2n << 2n) | 1n, high); // pass-through
    rig.setContext(C, low, high);
    memory.writeEntry(rig.root, 6 * 2, outside | 1n); // a context table that is not there
    memory.writeEntry(rig.root, 7 * 2, (BigInt(rig.contextPage(0)) << 12n) | 0x21n);
    const other = ['05', '06', '07', '08', '09', '0a', '0b', '0c'].map((slot) => `00:${slot}.0`);
    const answers = await rig.compare([
      ...Array.from({ length: 11 }, (_, i) => both(A, BigInt(i) * 0x1000n + 8n)).flat(),
      ...both(A, 0x200008n, 0x400008n, 0x600008n, 0x802008n, 0xa00008n, 0xc00008n),
      ...other.flatMap((device) => both(device, 0x1008n, 0x2008n)),
      ...both('00:0d.0', 0x2000008n),
      ...both(C, 0x1008n),
      ...both('06:00.0', 8n),
      ...both('07:00.0', 8n),
      ...both('08:00.0', 8n),
    ]);
    const codes = new Set(answers.map((answer) => answer.split(' of')[0]));
    for (const code of [1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 14]) expect(codes).toContain(`fault ${code}`);
    expect(codes).toContain('silent');
  });

  it('a root table that is not there, and snoop control', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = new Rig(addressBits);
    const { memory } = rig;
    const snooping = PageTable.create(memory, vtdSecondStage, {
      levels: addressBits === 39 ? 3 : 4,
      forceSnoop: true,
      outputBits: addressBits,
    });
    if (typeof snooping === 'string') throw new Error(snooping);
    snooping.map(0x1000n, 0x2345000n, 0x1000n, RW);
    snooping.map(0x200000n, 0x2400000n, 0x200000n, RW);
    const low = (BigInt(snooping.rootPage) << 12n) | 1n;
    rig.setContext(A, low, (3n << 8n) | (addressBits === 39 ? 1n : 2n));
    const accesses = both(A, 0x1008n, 0x200008n);
    const with_ = await rig.compare(
      accesses,
      { properties: 'snoop-control=on' },
      EXTENDED_CAPABILITY | (1n << 7n),
    );
    expect(with_[0]).toBe('to 0x2345008');
    const without = await rig.compare(accesses);
    expect(without[0]).toContain('fault 12');
    const walker = await QemuWalker.start({ addressBits }, [A]);
    const unit = startUnit(memory, 0x7000000, addressBits);
    const steps = [{ do: 'access' as const, device: A, iova: 8n, access: 'read' as const }];
    const qemu = await walker.run(imageOf(memory), 0x7000000000n, steps, true).finally(() => walker.close());
    expect(runInUnit(unit, memory, steps, true)).toEqual(qemu.map(verdictOf));
    expect(qemu.map(verdictOf)[0]).toContain('fault 8');
  });
});

describe('a table tree made by many maps and unmaps', () => {
  it('leads to the same places', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = new Rig(48);
    rig.attach(B, 9);
    let seed = 20240131;
    const random = (limit: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed % limit;
    };
    const accesses: QemuAccess[] = [];
    for (let n = 0; n < 120; n++) {
      const [bits, sizePages] = [
        [0, 1 + random(40)],
        [9, 512 * (1 + random(3))],
      ][random(2)] as [number, number];
      const iova = (random(64) << 18) + (random(256) << bits);
      const physical = 0x1000 + (random(64) << bits);
      if (random(4) === 0) rig.table.unmapRange(iova, sizePages);
      else rig.table.mapRange(iova, physical, sizePages, 1 + random(3));
      const probe = iova + random(sizePages);
      accesses.push({
        device: B,
        iova: BigInt(probe) * 4096n + 8n,
        access: random(2) === 0 ? 'read' : 'write',
      });
    }
    const answers = await rig.compare(accesses);
    expect(answers.filter((answer) => answer.startsWith('to')).length).toBeGreaterThan(20);
    expect(answers.filter((answer) => answer.startsWith('fault')).length).toBeGreaterThan(10);
  });
});
