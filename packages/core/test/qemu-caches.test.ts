/** Stale caches and every invalidation descriptor: the same steps in QEMU 7.2's VT-d and in core's unit. */
import { describe, expect, it, vi } from 'vitest';
import { PageTable, PROT_READ, PROT_WRITE, vtd, vtdSecondStage } from '../src/index';
import { imageOf, newMemory, requesterIdAt, runInUnit, startUnit, verdictOf } from './qemu/both';
import { type QemuStep, QemuWalker, qemuMissing } from './qemu/index';

// The first start of QEMU on a machine writes its RAM image, which takes seconds.
vi.setConfig({ testTimeout: 60_000 });
const missing = qemuMissing();
const RW = PROT_READ | PROT_WRITE;
const A = '00:03.0';
const B = '00:03.1';
const C = '00:04.0';
const DEVICES = [A, B, C];

type Pair = { low: bigint; high: bigint };
const read = (device: string, iova: bigint): QemuStep => ({ do: 'access', device, iova, access: 'read' });
const write = (device: string, iova: bigint): QemuStep => ({ do: 'access', device, iova, access: 'write' });
const send = ({ low, high }: Pair): QemuStep => ({ do: 'descriptor', low, high });
const page = (domainId: number, iovaPage: number, pagesLog2 = 0, leafOnly = false): QemuStep =>
  send(vtd.iotlbInvalidate(domainId, { iovaPage, pagesLog2, leafOnly }));

/** Two tables with the same iovas and different pages: A and B use the first as domain 1, C the second as domain 2. */
function build() {
  const memory = newMemory();
  const [root, contexts] = [memory.allocateTable(), memory.allocateTable()];
  memory.writeEntry(root, 0, vtd.rootEntry(contexts).low);
  const create = (): PageTable => {
    const table = PageTable.create(memory, vtdSecondStage, { levels: 3, outputBits: 39 });
    if (typeof table === 'string') throw new Error(table);
    return table;
  };
  const tables = [create(), create()] as const;
  tables.forEach((table, n) => {
    table.map(0x0n, 0x2000000n + BigInt(n) * 0x100000n, 0x20000n, RW);
    table.map(0x200000n, 0x3000000n + BigInt(n) * 0x400000n, 0x400000n, RW);
    table.map(0x40000000n, 0x0n, 0x40000000n, PROT_READ);
  });
  const context = (device: string, which: 0 | 1, domainId: number): QemuStep & { do: 'memory' } => {
    const entry = vtd.contextEntry({
      tablePage: tables[which].rootPage,
      translationType: 0,
      addressWidth: 1,
      domainId,
    });
    const physical = (BigInt(contexts) << 12n) + BigInt((requesterIdAt(device) & 0xff) * 16);
    return { do: 'memory', physical, entries: [entry.low, entry.high] };
  };
  for (const step of [context(A, 0, 1), context(B, 0, 1), context(C, 1, 2)]) {
    step.entries.forEach((entry, i) => {
      memory.writeEntry(contexts, Number(step.physical & 0xfffn) / 8 + i, entry);
    });
  }
  /** Overwrites the entry that maps `iova` at `level` in a table. */
  const poke = (which: 0 | 1, iova: bigint, level: number, entry: bigint): QemuStep => {
    const path = [2, 1, 0].map((at) => Number((iova >> BigInt(12 + 9 * at)) & 511n)).slice(0, 3 - level);
    const index = path.pop() as number;
    const holder = path.reduce((at, i) => Number(memory.readEntry(at, i) >> 12n), tables[which].rootPage);
    return { do: 'memory', physical: (BigInt(holder) << 12n) + BigInt(index * 8), entries: [entry] };
  };
  return { memory, root, context, poke };
}

async function compare(rig: ReturnType<typeof build>, steps: QemuStep[]): Promise<string[]> {
  const walker = await QemuWalker.start({ addressBits: 39 }, DEVICES);
  const answers = await walker
    .run(imageOf(rig.memory), BigInt(rig.root) << 12n, steps, false)
    .finally(() => walker.close());
  const unit = startUnit(rig.memory, rig.root, 39);
  const own = runInUnit(unit, rig.memory, steps, false);
  expect(own).toEqual(answers.map(verdictOf));
  return own;
}

describe('translations', () => {
  it('stay until a page, domain or global invalidation that is meant for them', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = build();
    const own = await compare(rig, [
      read(A, 8n),
      rig.poke(0, 0n, 0, 0x2500003n),
      read(A, 8n), // stale
      page(2, 0),
      read(A, 8n), // another domain's
      page(1, 1),
      read(A, 8n), // another page's
      page(1, 0),
      read(A, 8n), // new
      rig.poke(0, 0n, 0, 0x2501003n),
      send(vtd.iotlbInvalidate(2)),
      read(A, 8n),
      send(vtd.iotlbInvalidate(1)),
      read(A, 8n),
      rig.poke(0, 0n, 0, 0x2502003n),
      send(vtd.iotlbInvalidateGlobal()),
      read(A, 8n),
    ]);
    expect(own).toEqual(
      [0x2000008, 0x2000008, 0x2000008, 0x2000008, 0x2500008, 0x2500008, 0x2501008, 0x2502008].map(
        (physical) => `to 0x${physical.toString(16)}`,
      ),
    );
  });

  it('of large pages go with any page of them, and ranges take all that they touch', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = build();
    await compare(rig, [
      ...[0x200008n, 0x400008n, 0x40000008n, 0x1008n, 0x2008n, 0x8008n].map((iova) => read(A, iova)),
      rig.poke(0, 0x200000n, 1, 0x5000083n),
      rig.poke(0, 0x400000n, 1, 0x5200083n),
      rig.poke(0, 0x1000n, 0, 0x2601003n),
      rig.poke(0, 0x2000n, 0, 0x2602003n),
      rig.poke(0, 0x8000n, 0, 0x2608003n),
      page(1, 0x3ff),
      read(A, 0x200008n),
      read(A, 0x400008n),
      page(1, 0x400, 9, true),
      read(A, 0x400008n),
      page(1, 0, 2), // pages 0 to 3
      ...[0x1008n, 0x2008n, 0x8008n].map((iova) => read(A, iova)),
      page(1, 7, 3), // the low address bits under the mask do not count: pages 0 to 7
      read(A, 0x8008n),
      page(1, 0, 18), // the largest mask
      ...[0x8008n, 0x200008n, 0x40000008n].map((iova) => read(A, iova)),
      page(1, 0, 19), // beyond the largest: refused
      read(A, 0x8008n),
    ]);
  });

  it('of a refused access are silent when cached, absent entries are not cached', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = build();
    const own = await compare(rig, [
      write(A, 0x40000008n),
      read(A, 0x40000008n),
      write(A, 0x40000008n), // cached now: nothing is recorded
      read(A, 0x20008n),
      rig.poke(0, 0x20000n, 0, 0x2700003n),
      read(A, 0x20008n),
    ]);
    expect(own.map((verdict) => verdict.split(' ')[0])).toEqual(['fault', 'to', 'silent', 'fault', 'to']);
  });
});

describe('context entries', () => {
  it('stay until a device, domain or global invalidation', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = build();
    const flush = send(vtd.iotlbInvalidateGlobal());
    const [a, b, c] = [requesterIdAt(A), requesterIdAt(B), requesterIdAt(C)];
    const all = [read(A, 8n), read(B, 8n), read(C, 8n)];
    const moveAll = (which: 0 | 1, domainId: number): QemuStep[] =>
      DEVICES.map((device) => rig.context(device, which, domainId));
    const own = await compare(rig, [
      ...all,
      ...moveAll(1, 5),
      flush,
      ...all, // still the old tables
      send(vtd.contextInvalidate(1, a, 0)),
      flush,
      ...all, // A alone moved
      send(vtd.contextInvalidate(1, a, 3)), // all functions of A's slot
      flush,
      ...all,
      ...moveAll(0, 6),
      send(vtd.contextInvalidateDomain(5)),
      ...all, // translations are still cached
      flush,
      ...all,
      ...moveAll(1, 7),
      send(vtd.contextInvalidateGlobal()),
      flush,
      ...all,
      ...moveAll(0, 8),
      send(vtd.contextInvalidate(8, b, 1)),
      send(vtd.contextInvalidate(8, c, 2)),
      flush,
      ...all,
    ]);
    expect(own.slice(3, 6)).toEqual(['to 0x2000008', 'to 0x2000008', 'to 0x2100008']);
    expect(own.slice(6, 9)).toEqual(['to 0x2100008', 'to 0x2000008', 'to 0x2100008']);
  });

  it('that are absent are not cached', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = build();
    const absent: QemuStep = { ...rig.context(A, 0, 1), entries: [0n, 0n] };
    await compare(rig, [absent, read(A, 8n), rig.context(A, 0, 1), read(A, 8n), read(B, 8n)]);
  });
});

describe('the queue', () => {
  it('stops at a descriptor that it refuses and goes on after recovery', async (context) => {
    context.skip(missing !== null, missing ?? '');
    const rig = build();
    const stale = [read(A, 8n), rig.poke(0, 0n, 0, 0x2800003n)];
    const refused: Pair[] = [
      { low: 0xfn, high: 0n }, // no such type
      { low: 0x2n, high: 0n }, // no granularity
      { low: 0x112n, high: 0n }, // reserved bits
      { low: 0x12n, high: 0x80n },
      { low: 0x1n, high: 0n },
      { low: 0x11n | (1n << 50n), high: 0n },
      { low: 0x5n, high: 0n }, // a wait that does nothing
    ];
    const accepted: Pair[] = [
      { low: 0x3n, high: 0n }, // device-TLB
      { low: 0x4n, high: 0n }, // interrupt entries
    ];
    const own = await compare(rig, [
      ...stale,
      ...[...refused, ...accepted].flatMap((pair) => [send(pair), read(A, 8n)]),
      page(1, 0),
      read(A, 8n),
    ]);
    expect(own.at(-1)).toBe('to 0x2800008');
    expect(new Set(own.slice(0, -1))).toEqual(new Set(['to 0x2000008']));
  });
});

it('random steps give the same answers', async (context) => {
  context.skip(missing !== null, missing ?? '');
  const rig = build();
  let seed = 7;
  const random = (limit: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % limit;
  };
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const iovas = [0x8n, 0x1008n, 0x2008n, 0x1f008n, 0x20008n, 0x200008n, 0x201008n, 0x400008n, 0x40000008n];
  const domains = [1, 2, 3];
  const steps: QemuStep[] = [];
  for (let n = 0; n < 600; n++) {
    const device = pick(DEVICES);
    const iova = pick(iovas);
    const invalidations = [
      () => page(pick(domains), Number(iova >> 12n), random(10), random(2) === 0),
      () => send(vtd.iotlbInvalidate(pick(domains))),
      () => send(vtd.contextInvalidate(pick(domains), requesterIdAt(device), random(4))),
      () => send(vtd.contextInvalidateDomain(pick(domains))),
      () => send(vtd.contextInvalidateGlobal()),
      () => send(vtd.iotlbInvalidateGlobal()),
    ];
    const choice = random(10);
    if (choice < 6) steps.push(random(3) === 0 ? write(device, iova) : read(device, iova));
    else if (choice < 7) steps.push(pick(invalidations)());
    else if (choice < 9) {
      const large = iova >= 0x200000n && iova < 0x40000000n;
      const target = large ? BigInt(16 + random(64)) << 21n : BigInt(0x2000 + random(256)) << 12n;
      const bits = BigInt(random(4)) | (large ? 0x80n : 0n);
      if (iova < 0x40000000n) steps.push(rig.poke(random(2) as 0 | 1, iova, large ? 1 : 0, target | bits));
    } else steps.push(rig.context(device, random(2) as 0 | 1, pick(domains)));
  }
  const own = await compare(rig, steps);
  for (const kind of ['to', 'fault', 'silent']) {
    expect(own.filter((verdict) => verdict.startsWith(kind)).length).toBeGreaterThan(5);
  }
});
