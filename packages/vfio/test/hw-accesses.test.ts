/** Which steps of the hardware conflict with a DMA: those that can change what it does, and no others. */
import { AccessKind, Execution, type Fiber, type Op } from '@iommu-lab/explorer';
import { type Geometry, hw, type IntelIommu, type IommuDomain, referenceVariant } from '@iommu-lab/kernel';
import { describe, expect, it } from 'vitest';
import { calls, type UserCall } from '../src/index';
import { BAR, MEMORY, Program } from './program';
import { GROUP, recordedProfile } from './recorded-profile';

const SOLO1 = 0x100;
const SOLO2 = 0x200;
const READ_WRITE = 3;

/** Two devices on one domain with pages 0 to 3 mapped; solo1 has read page 0 already. */
class Setting {
  readonly #program: Program;
  readonly domain: IommuDomain;
  readonly instance: IntelIommu;

  constructor(behaviour: 'hardware' | 'qemu-7.2' = 'qemu-7.2') {
    const { machine } = recordedProfile('6.12');
    const unit = machine.unit === null ? null : { ...machine.unit, behaviour };
    const p = new Program('6.12', referenceVariant, { machine: { ...machine, unit } });
    this.#program = p;
    const { c, g } = p.container(GROUP.solo1, GROUP.solo2);
    for (const [n, address] of ['0000:01:00.0', '0000:02:00.0'].entries()) {
      const fd = p.ret(calls.getDeviceFd(g[n] as number, address));
      p.ret(calls.configWrite(fd, 4n, 2, 6n));
      p.ret(calls.mapRegion(fd, BAR + BigInt(n) * 0x100000n, 0, 0x100000n));
    }
    p.ret(calls.mapMemory(MEMORY, 0x4000n, 'rw', false));
    p.ret(calls.mapDma(c, { iova: 0n, vaddr: MEMORY, size: 0x4000n, flags: READ_WRITE }));
    p.ret(calls.eduRead({ dev: 'solo1' }, 0n, 8));
    const { kernel } = p.system;
    this.domain = kernel.findDevice('solo1')?.attachedDomain.value as IommuDomain;
    this.instance = kernel.iommu as IntelIommu;
  }

  get id(): number {
    return this.domain.hardwareId.value;
  }

  read = (device: 'solo1' | 'solo2', page: number): (() => Op<unknown>) => {
    return () => calls.eduRead({ dev: device }, BigInt(page) << 12n, 8).run(this.#program.task);
  };

  write = (device: 'solo1' | 'solo2', page: number): (() => Op<unknown>) => {
    return () => calls.eduWrite({ dev: device }, BigInt(page) << 12n, 8).run(this.#program.task);
  };

  make(call: UserCall): void {
    this.#program.ret(call);
  }

  fill(page: number): Op<unknown> {
    return calls.fillMemory(MEMORY + (BigInt(page) << 12n), 16, 1).run(this.#program.task);
  }

  /** Whether the hardware step that `one` comes to, and that, or one of that name, of `other` conflict where they are next. */
  conflict(one: () => Op<unknown>, other: () => Op<unknown>, name?: string): boolean {
    const { world } = this.#program.system.kernel;
    const { task } = this.#program;
    const threads = [one, other].map((body, n) => ({ name: `thread ${n}`, body, task }));
    const execution = new Execution({ id: 'pair', world, threads });
    execution.start();
    const [first, second] = execution.fibers as [Fiber, Fiber];
    while (!isHardware(first)) execution.step(first.id);
    while (name === undefined ? !isHardware(second) : second.pending.kind?.name !== name) {
      execution.step(second.id);
    }
    for (const fiber of [first, second]) world.redeclare(fiber);
    const found = conflicting(first, second);
    execution.finish();
    return found;
  }
}

/** The last step before a DMA is a store to the device's registers. */
function isHardware({ pending }: Fiber): boolean {
  const name = pending.kind?.name ?? '';
  return name.startsWith('hw.') && name !== 'hw.mmio_write';
}

const KINDS = [
  [AccessKind.READ, AccessKind.WRITE],
  [AccessKind.WRITE, AccessKind.WRITE],
  [AccessKind.INCREMENT, AccessKind.READ],
  [AccessKind.INCREMENT, AccessKind.WRITE],
] as const;

function conflicting(
  { pending: { accesses: one } }: Fiber,
  { pending: { accesses: other } }: Fiber,
): boolean {
  for (let n = 0; n < one.length; n++) {
    for (let m = 0; m < other.length; m++) {
      const [a, b] = [one.kind(n), other.kind(m)];
      const clash = KINDS.some(([x, y]) => (x === a && y === b) || (x === b && y === a));
      if (clash && one.location(n) === other.location(m)) return true;
    }
  }
  return false;
}

describe('a DMA of one device', () => {
  it('is independent of another device, but for one page that both write or one leaf that both load', () => {
    const s = new Setting();
    expect(s.conflict(s.read('solo1', 1), s.read('solo2', 2))).toBe(false);
    expect(s.conflict(s.write('solo1', 1), s.write('solo2', 2))).toBe(false);
    expect(s.conflict(s.write('solo1', 1), s.write('solo2', 1))).toBe(true);
    expect(s.conflict(s.write('solo1', 1), s.read('solo2', 1))).toBe(true);
    expect(s.conflict(s.read('solo1', 1), s.read('solo1', 2))).toBe(true);
  });

  it('conflicts with every invalidation of its domain and of its context, and with no other', () => {
    const s = new Setting();
    const steps: [string, () => Op<unknown>, boolean][] = [
      [
        'domain',
        function* drop() {
          yield* hw.hwInvalidateDomain(s.instance, s.id);
        },
        true,
      ],
      [
        'other domain',
        function* drop() {
          yield* hw.hwInvalidateDomain(s.instance, s.id + 1);
        },
        false,
      ],
      [
        'range',
        function* drop() {
          yield* hw.hwInvalidateRange(s.instance, s.id, 0, 0, true);
        },
        true,
      ],
      [
        'range of another domain',
        function* drop() {
          yield* hw.hwInvalidateRange(s.instance, s.id + 1, 0, 0, true);
        },
        false,
      ],
      [
        'context',
        function* drop() {
          yield* hw.hwInvalidateContext(s.instance, s.id, SOLO1);
        },
        true,
      ],
      [
        'context of another',
        function* drop() {
          yield* hw.hwInvalidateContext(s.instance, s.id, SOLO2);
        },
        false,
      ],
    ];
    // Page 0 is cached under the requester, and its context is not looked at; page 1 is not cached.
    for (const page of [0, 1]) {
      for (const [name, body, expected] of steps) {
        expect(s.conflict(s.read('solo1', page), body), `${name}, page ${page}`).toBe(
          expected && !(name === 'context' && page === 0),
        );
      }
    }
  });

  it('conflicts with what changes the way that it goes, where it goes that way', () => {
    const s = new Setting();
    const clear = (requester: number) =>
      function* write() {
        yield* hw.hwWriteContext(s.instance, requester, null);
      };
    // solo1's context is cached: what is in memory matters to it only once that was dropped.
    expect(s.conflict(s.read('solo1', 1), clear(SOLO1))).toBe(false);
    expect(s.conflict(s.read('solo2', 1), clear(SOLO2))).toBe(true);
    expect(s.conflict(s.read('solo2', 1), clear(SOLO1))).toBe(false);
    const map = (page: number) =>
      function* map() {
        yield* hw.hwMap(s.domain, page, 0x100, 1, READ_WRITE);
      };
    const unmap = (page: number, pages: number) =>
      function* unmap() {
        yield* hw.hwUnmap(s.domain, page, pages);
      };
    // Page 0 comes out of the IOTLB, page 1 out of the table that pages 0 to 511 share.
    expect(s.conflict(s.read('solo1', 0), unmap(0, 1))).toBe(false);
    expect(s.conflict(s.read('solo1', 1), unmap(0, 1))).toBe(true);
    expect(s.conflict(s.read('solo1', 1), map(300))).toBe(true);
    expect(s.conflict(s.read('solo1', 1), map(0x8000000))).toBe(false);
  });

  it('conflicts with the freeing of a table that it still walks, and with stores to the page that it moves', () => {
    const s = new Setting('hardware');
    const table = (s.domain.geometry.value as Geometry).table;
    const free = function* free() {
      yield* hw.hwFreeTables(s.domain);
    };
    table.mapRange(512, 0x101, 512, READ_WRITE);
    s.make(calls.eduRead({ dev: 'solo1' }, 512n << 12n, 8));
    expect(s.conflict(s.read('solo1', 513), free)).toBe(false);
    // The table is unlinked, and the unit still has a pointer to it.
    table.unmapRange(512, 512);
    expect(s.conflict(s.read('solo1', 513), free)).toBe(true);
    expect(s.conflict(s.read('solo1', 1), free)).toBe(false);
    const store = (page: number) => () => s.fill(page);
    expect(s.conflict(s.read('solo1', 1), store(1), 'user_store')).toBe(true);
    expect(s.conflict(s.read('solo1', 1), store(2), 'user_store')).toBe(false);
  });

  it('that is refused is ordered with others that are, and with whoever empties the log', () => {
    const s = new Setting();
    const take = function* take() {
      yield* hw.hwTakeFaults(s.instance);
    };
    expect(s.conflict(s.read('solo1', 900), s.read('solo2', 901))).toBe(true);
    expect(s.conflict(s.read('solo1', 900), take)).toBe(true);
    expect(s.conflict(s.read('solo1', 1), take)).toBe(false);
  });
});
