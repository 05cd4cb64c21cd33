/** The tables that the comparison itself builds, walked by QEMU's VT-d: same addresses, same fault codes. */
import { Bench, Interpreter, type Profile, profile, type Step } from '@iommu-lab/conformance';
import { describe, expect, it } from 'vitest';
import { imageOf, runInUnit, verdictOf } from '../../core/test/qemu/both';
import { type QemuAccess, qemuMissing, walkInQemu } from '../../core/test/qemu/index';
import { VARIANTS } from '../src/index';

const missing = qemuMissing();

/** The recorded machine with less memory: what QEMU is handed must lie below 255 MiB. */
function smallMachine(id: string): Profile {
  const recorded = profile(id);
  const ram = [
    { start: '0x0', lengthBytes: '0xa0000' },
    { start: '0x100000', lengthBytes: '0xef00000' },
  ];
  return { ...recorded, machine: { ...recorded.machine, ram, tableArenaBytes: 0x400000 } };
}

const map = (iova: string, vaddr: string, size: string, flags: number): Step => ({
  op: 'VFIO_IOMMU_MAP_DMA',
  args: { fd: 'c', iova, vaddr, size, flags },
});

/** Three groups share a domain with small and large pages, all permissions, holes and the ends of the aperture. */
const STEPS: readonly Step[] = [
  { op: 'mem.map', args: { vaddr: '0x100000000000', len: '0x400000', prot: 'rw' } },
  { op: 'mem.map', args: { vaddr: '0x1000c0000000', len: '0x800000', prot: 'rw', hint: 'hugepage' } },
  { op: 'open_container', args: {}, out: { handle: 'c' } },
  { op: 'open_group', args: { group: 'solo1' }, out: { handle: 'g1' } },
  { op: 'VFIO_GROUP_SET_CONTAINER', args: { fd: 'g1', container: 'c' } },
  { op: 'VFIO_SET_IOMMU', args: { fd: 'c', type: 3 } },
  map('0x100000', '0x100000000000', '0x3000', 3),
  map('0x200000', '0x100000004000', '0x1000', 1),
  map('0x300000', '0x100000005000', '0x1000', 2),
  map('0x800000', '0x1000c0000000', '0x400000', 3),
  map('0x1001000', '0x1000c0400000', '0x200000', 3),
  map('0x0', '0x100000010000', '0x1000', 3),
  map('0x7ffffff000', '0x100000011000', '0x1000', 3),
  { op: 'open_group', args: { group: 'mf' }, out: { handle: 'g2' } },
  { op: 'VFIO_GROUP_SET_CONTAINER', args: { fd: 'g2', container: 'c' } },
  { op: 'open_group', args: { group: 'pair' }, out: { handle: 'g3' } },
  { op: 'VFIO_GROUP_SET_CONTAINER', args: { fd: 'g3', container: 'c' } },
  { op: 'VFIO_IOMMU_UNMAP_DMA', args: { fd: 'c', iova: '0x200000', size: '0x1000', flags: 0 } },
  map('0x400000', '0x100000004000', '0x1000', 1),
  { op: 'open_group', args: { group: 'solo2' }, out: { handle: 'g4' } },
  { op: 'open_container', args: {}, out: { handle: 'c2' } },
  { op: 'VFIO_GROUP_SET_CONTAINER', args: { fd: 'g4', container: 'c2' } },
];

/** solo1, both functions of mf, the id behind the bridge, a blocked device, one on its default domain. */
const DEVICES = ['01:00.0', '00:05.0', '00:05.1', '04:00.0', '02:00.0', '05:00.0'];
const IOVAS = [
  0x0n,
  0x1000n,
  0xffff8n,
  0x100000n,
  0x102ff8n,
  0x103000n,
  0x200000n,
  0x300000n,
  0x400008n,
  0x7ffff8n,
  0x800000n,
  0x9ffff8n,
  0xa00000n,
  0xbffff8n,
  0xc00000n,
  0x1001000n,
  0x1200ff8n,
  0x1201000n,
  0x7ffffff000n,
  0x8000000000n,
];

const ACCESSES: readonly QemuAccess[] = DEVICES.flatMap((device) =>
  IOVAS.flatMap((iova) => (['read', 'write'] as const).map((access) => ({ device, iova, access }))),
);

describe.skipIf(missing !== null)(missing ?? 'QEMU walks the tables of the comparison', () => {
  const cases = VARIANTS.flatMap((variant) =>
    ['debian-6.1-intel', 'debian-6.12-intel'].map((id) => ({ variant, id })),
  );
  it.each(cases)('$variant.id at $id', { timeout: 120_000 }, async ({ variant, id }) => {
    const bench = Bench.boot(smallMachine(id), variant);
    const interpreter = new Interpreter(bench);
    for (const step of STEPS) expect([step.op, interpreter.run(step).errno]).toEqual([step.op, null]);
    const { kernel } = bench.system;
    const { memory, unit } = kernel.machine;
    const root = kernel.iommu?.rootTable;
    if (unit === null || root === undefined) throw new Error('the machine has no unit');
    const answers = await walkInQemu(imageOf(memory), BigInt(root) << 12n, ACCESSES, { addressBits: 39 });
    const steps = ACCESSES.map((access) => ({ do: 'access' as const, ...access }));
    const own = runInUnit(unit, memory, steps, true);
    const verdicts = answers.map(verdictOf);
    expect(verdicts).toEqual(own);
    // Both kinds of outcome occur: a walk that refused everything would agree too.
    expect(verdicts.filter((verdict) => verdict.startsWith('to ')).length).toBeGreaterThan(80);
    expect(new Set(verdicts.flatMap((verdict) => /^fault (\d+)/.exec(verdict)?.[1] ?? []))).toEqual(
      new Set(id === 'debian-6.12-intel' ? ['2', '4', '5', '6'] : ['4', '5', '6']),
    );
  });
});
