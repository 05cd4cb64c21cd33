/**
 * Small concurrent programs over the real kernel, between them every kind of step that it has: set-up, then threads.
 * Not the scenarios of a result: what they are for is that steps of many kinds meet.
 */
import { KernelObject, type Program, Refcount, type Thread } from '@iommu-lab/explorer';
import { iommuGroupReleaseDmaOwner, type Variant } from '@iommu-lab/kernel';
import { calls, type System, syscalls, sysfs, type Task } from '@iommu-lab/vfio';
import { Setup, type UnitBehaviour } from './setup';

const MEMORY = 0x100000000000n;
const MORE_MEMORY = 0x200000000000n;
const BAR = 0x100f00000000n;
const IOVA = 0x100000n;
/** Nothing is ever mapped there. */
const NOWHERE = 0x900000n;
const TYPE1V2 = 3;
const READ_WRITE = 3;
const DIRTY_START = 1;
const DIRTY_GET = 4;

const map = (c: number, iova: bigint, vaddr: bigint, pages: number) =>
  calls.mapDma(c, { iova, vaddr, size: BigInt(pages) << 12n, flags: READ_WRITE });
const unmap = (c: number, iova: bigint, pages: number) =>
  calls.unmapDma(c, { iova, size: BigInt(pages) << 12n, flags: 0 });

type Build = (s: Setup) => readonly Thread[];

const BUILDS: Readonly<Record<string, Build>> = {
  'SET_IOMMU against removal of a member': (s) => {
    s.system.sysfs.unbind('mf0');
    const { c } = s.container(['mf1'], false);
    return [
      s.thread('attach', () => [calls.setIommu(c, TYPE1V2)]),
      s.root('remove', () => sysfs.sysfsRemove(s.system.vfio, 'mf0')),
    ];
  },

  'SET_IOMMU against removal of the bridge': (s) => {
    const { c } = s.container(['pair1'], false);
    return [
      s.thread('attach', () => [calls.setIommu(c, TYPE1V2)]),
      s.root('remove', () => sysfs.sysfsRemove(s.system.vfio, '0000:03:00.0')),
    ];
  },

  'map and unmap against DMA': (s) => {
    const { c, groups } = s.container(['solo1', 'solo2']);
    s.device(groups[0] as number, '0000:01:00.0', BAR);
    s.device(groups[1] as number, '0000:02:00.0', BAR + 0x100000n);
    s.memory(MEMORY, 16);
    s.do(calls.fillMemory(MEMORY, 0x2000, 1));
    s.do(map(c, 0n, MEMORY, 2));
    return [
      s.thread('map', () => [map(c, IOVA, MEMORY + 0x2000n, 2), unmap(c, 0n, 2), unmap(c, IOVA, 2)]),
      s.thread('dma', () => [
        calls.eduWrite({ dev: 'solo1' }, 0x800n, 0x900),
        calls.eduRead({ dev: 'solo1' }, IOVA, 64),
      ]),
      s.thread('other dma', () => [
        calls.eduRead({ dev: 'solo2' }, 0x1000n, 64),
        calls.eduRead({ dev: 'solo2' }, IOVA, 64),
      ]),
    ];
  },

  // Hardware may keep that a context entry was absent, which a driver that clears one before it writes the next lets it see.
  'a move against DMA': (s) => {
    const one = s.container(['solo1']);
    s.container(['solo2']);
    s.device(one.groups[0] as number, '0000:01:00.0', BAR);
    s.memory(MEMORY, 1);
    s.do(map(one.c, 0n, MEMORY, 1));
    return [
      s.root('move', () => s.moveTo('solo1', 'solo2')),
      s.thread('dma', () => [
        calls.eduWrite({ dev: 'solo1' }, 0n, 64),
        calls.eduRead({ dev: 'solo1' }, 0n, 64),
      ]),
    ];
  },

  'containers side by side': (s) => {
    const one = s.container(['solo1']);
    const other = s.container(['solo2']);
    s.device(one.groups[0] as number, '0000:01:00.0', BAR);
    s.device(other.groups[0] as number, '0000:02:00.0', BAR + 0x100000n);
    s.memory(MEMORY, 8);
    s.memory(MORE_MEMORY, 1024);
    return [
      s.thread('one', () => [
        map(one.c, 0n, MEMORY, 1),
        calls.eduWrite({ dev: 'solo1' }, 0n, 64),
        calls.eduWrite({ dev: 'solo1' }, NOWHERE, 64),
        unmap(one.c, 0n, 1),
      ]),
      s.thread('other', () => [
        map(other.c, 0n, MORE_MEMORY, 1024),
        calls.eduWrite({ dev: 'solo2' }, 0n, 64),
        calls.eduRead({ dev: 'solo2' }, NOWHERE, 64),
        unmap(other.c, 0n, 1024),
      ]),
    ];
  },

  'DMA against the close of everything': (s) => {
    const { c, groups } = s.container(['solo1']);
    const d = s.device(groups[0] as number, '0000:01:00.0', BAR);
    s.memory(MEMORY, 4);
    s.do(map(c, 0n, MEMORY, 4));
    return [
      s.thread('dma', () => [
        calls.eduWrite({ dev: 'solo1' }, 0xf00n, 0x200),
        calls.eduWrite({ dev: 'solo1' }, 0x2000n, 8),
      ]),
      s.thread('close', () => [calls.closeFile(d), calls.closeFile(groups[0] as number), calls.closeFile(c)]),
      s.thread('unmap memory', () => [calls.unmapMemory(MEMORY, 0x2000n), calls.unmapMemory(BAR, 0x100000n)]),
    ];
  },

  'open, close and unbind': (s) => {
    const { c, groups } = s.container(['solo2'], false);
    const g = groups[0] as number;
    s.memory(MEMORY, 4);
    return [
      s.thread('attach', () => [calls.setIommu(c, TYPE1V2), map(c, IOVA, MEMORY, 3)]),
      {
        name: 'open and close',
        task: s.task,
        *body() {
          const d = yield* calls.getDeviceFd(g, '0000:02:00.0').run(s.task);
          if (typeof d === 'number') yield* syscalls.sysClose(s.task, d);
          yield* syscalls.sysClose(s.task, g);
        },
      },
      s.root('unbind', () => sysfs.sysfsUnbind(s.system.vfio, 'solo2')),
    ];
  },

  'bind of a sibling against a claim': (s) => {
    s.system.sysfs.unbind('mf0');
    const c = s.do(calls.openContainer());
    const g = s.group('mf1');
    return [
      s.thread('claim', () => [
        calls.setContainer(g, c),
        calls.setIommu(c, TYPE1V2),
        calls.unsetContainer(g),
      ]),
      s.root('bind', () => sysfs.sysfsBind(s.system.vfio, 'mf0', 'uio_pci_generic')),
      s.root('describe', () => sysfs.sysfsDescribe(s.system.vfio, 'mf1')),
    ];
  },

  'removal and rescan': (s) => {
    s.system.sysfs.unbind('hot');
    s.system.sysfs.unbind('mf0');
    return [
      s.root('hot', function* remove() {
        yield* sysfs.sysfsRemove(s.system.vfio, 'hot');
        yield* sysfs.sysfsRescan(s.system.vfio);
      }),
      s.root('mf0', () => sysfs.sysfsRemove(s.system.vfio, 'mf0')),
      s.root('bind', () => sysfs.sysfsBind(s.system.vfio, 'mf0', 'pci-stub')),
    ];
  },

  'memory of a process': (s) => {
    const { c } = s.container(['solo1']);
    s.memory(MEMORY, 8);
    s.do(calls.fillMemory(MEMORY, 0x1000, 3));
    const child = s.system.fork(s.task);
    return [
      s.thread('pin', () => [map(c, 0n, MEMORY, 3), calls.setMemlockLimit(0x1000n), unmap(c, 0n, 3)]),
      s.thread('touch', () => [
        calls.fillMemory(MEMORY + 0x1800n, 0x1000, 5),
        calls.peekMemory(MEMORY, 0x1004),
      ]),
      s.thread('unmap', () => [
        calls.unmapMemory(MEMORY, 0x2000n),
        calls.mapMemory(MORE_MEMORY, 0x1000n, 'rw', false),
      ]),
      { name: 'fork', task: s.task, body: () => syscalls.sysFork(s.task, 50) },
      ...(typeof child === 'string'
        ? []
        : [{ name: 'child', task: child, body: () => syscalls.sysExit(child) } satisfies Thread]),
    ];
  },

  'processes that touch memory': (s) => {
    s.memory(MEMORY, 16);
    const child = s.system.fork(s.task);
    if (typeof child === 'string') throw new Error(child);
    const touch = (task: Task): Thread['body'] =>
      function* body() {
        for (let page = 0n; page < 8n; page++)
          yield* calls.fillMemory(MEMORY + (page << 12n), 16, 1).run(task);
      };
    return [
      { name: 'parent', task: s.task, body: touch(s.task) },
      { name: 'child', task: child, body: touch(child) },
    ];
  },

  'dirty pages': (s) => {
    const { c, groups } = s.container(['solo1']);
    s.device(groups[0] as number, '0000:01:00.0', BAR);
    s.memory(MEMORY, 4);
    s.do(map(c, 0n, MEMORY, 4));
    const range = { flags: DIRTY_GET, iova: 0n, size: 0x4000n, pgsize: 0x1000n, bitmapSize: 8 };
    return [
      s.thread('track', () => [calls.dirtyPages(c, DIRTY_START), calls.dirtyBitmap(c, range)]),
      s.thread('dma', () => [calls.eduWrite({ dev: 'solo1' }, 0x1000n, 64)]),
    ];
  },

  'open files': (s) => {
    const fd = s.do(calls.openContainer());
    return [
      s.thread('open', () => [calls.openEventfd(), calls.openContainer()]),
      s.thread('more', () => [calls.duplicate(fd), calls.openGroup(s.groupNumber('solo1'))]),
      s.thread('close', () => [calls.closeFile(fd), calls.checkExtension(fd, TYPE1V2)]),
    ];
  },

  'drivers of one group': (s) => {
    const { kernel } = s.system;
    // A release of what nobody owns is a warning.
    const warn = function* warn() {
      const group = kernel.findDevice('solo1')?.group.readInStep() ?? null;
      if (group !== null) yield* iommuGroupReleaseDmaOwner(group);
    };
    return [
      s.root('pair1', () => sysfs.sysfsUnbind(s.system.vfio, 'pair1')),
      s.root('pair2', () => sysfs.sysfsUnbind(s.system.vfio, 'pair2')),
      s.root('warn', warn),
      s.root('warn again', warn),
    ];
  },

  'a first open': (s) => {
    const { groups } = s.container(['solo1']);
    const open = function* open() {
      const d = yield* calls.getDeviceFd(groups[0] as number, '0000:01:00.0').run(s.task);
      if (typeof d === 'number') yield* syscalls.sysClose(s.task, d);
    };
    return [
      { name: 'open', task: s.task, body: open },
      s.root('write', () => sysfs.sysfsConfigWrite(s.system.vfio, 'solo1', 0x0c, 1, 8)),
      s.root('read', () => sysfs.sysfsConfigRead(s.system.vfio, 'solo1', 0x0c, 1)),
    ];
  },

  // Counts whose steps meet rarely elsewhere.
  counts: (s) => {
    const object = new KernelObject(s.system.kernel.world, 'thing');
    const refs = new Refcount(object, 'refs', 3);
    const drop = function* drop() {
      const first = yield* refs.putUnlessLast();
      return [first, yield* refs.putUnlessLast()];
    };
    return [s.root('one', drop), s.root('other', drop)];
  },

  'registers of a device': (s) => {
    const { c, groups } = s.container(['solo1']);
    const d = s.device(groups[0] as number, '0000:01:00.0', BAR);
    s.memory(MEMORY, 2);
    s.do(map(c, 0n, MEMORY, 2));
    const e = s.do(calls.openEventfd());
    return [
      s.thread('drive', () => [calls.eduWrite({ fd: d }, 0n, 16), calls.barRead(d, 0x24n, 4)]),
      s.thread('configure', () => [
        calls.configWrite(d, 4n, 2, 2n),
        calls.configRead(d, 4n, 2),
        calls.resetDevice(d),
      ]),
      s.thread('interrupts', () => [
        calls.setIrqs(d, { flags: 36, index: 1, start: 0, count: 1, data: [e] }),
        calls.barWrite(d, 0x60n, 4, 1n),
        calls.getDeviceInfo(d),
      ]),
      s.thread('map the registers', () => [map(c, IOVA, BAR, 1), unmap(c, IOVA, 1)]),
      s.root('look', () => sysfs.sysfsConfigRead(s.system.vfio, 'solo1', 4, 2)),
    ];
  },

  'a device that is still wanted': (s) => {
    const { groups } = s.container(['solo2']);
    const d = s.device(groups[0] as number, '0000:02:00.0', BAR);
    const e = s.do(calls.openEventfd());
    s.do(calls.setIrqs(d, { flags: 36, index: 4, start: 0, count: 1, data: [e] }));
    return [
      s.root('unbind', () => sysfs.sysfsUnbind(s.system.vfio, 'solo2')),
      s.thread('user', () => [calls.readFile(e, 8), calls.unmapMemory(BAR, 0x100000n), calls.closeFile(d)]),
      s.thread('group', () => [calls.getStatus(groups[0] as number), calls.closeFile(groups[0] as number)]),
    ];
  },
};

export const SCENARIOS: readonly string[] = Object.keys(BUILDS);

/** The scenario of that name on a freshly booted system. */
export function scenarioProgram(
  name: string,
  variant: Variant,
  profileId: string,
  behaviour: UnitBehaviour,
): { readonly program: Program; readonly system: System } {
  const setup = new Setup(profileId, variant, behaviour);
  const threads = (BUILDS[name] as Build)(setup);
  return { program: { id: name, world: setup.system.kernel.world, threads }, system: setup.system };
}
