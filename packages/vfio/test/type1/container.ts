/** One container for the tests: a booted kernel, a process, and type1 driven by its ioctls on byte buffers. */
import type { Op, ViolationKind } from '@iommu-lab/explorer';
import {
  type EraId,
  type Errno,
  type IommuDomain,
  type IommuGroup,
  isErrno,
  Kernel,
  type KernelConfig,
  referenceVariant,
  type Target,
  type Variant,
} from '@iommu-lab/kernel';
import { expect } from 'vitest';
import { Mm } from '../../src/task/mm';
import { Task } from '../../src/task/task';
import { Type1Backend, type1BackendType } from '../../src/type1/backend';
import {
  VFIO_IOMMU_DIRTY_PAGES,
  VFIO_IOMMU_GET_INFO,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_UNMAP_DMA,
} from '../../src/type1/uapi';
import { VfioKernel } from '../../src/vfio-kernel';
import { recordedMachine } from './recorded-machine';

/** Where the recordings have their memory. */
export const MEMORY = 0x1000_0000_0000n;
export const MIB = 0x10_0000n;

export interface Setup {
  readonly era?: EraId;
  /** What SET_IOMMU is called with. */
  readonly type?: number;
  /** Groups attached at once, by the label of a member. */
  readonly groups?: readonly string[];
  readonly config?: Partial<KernelConfig>;
  readonly variant?: Variant;
}

export class Container {
  readonly kernel: Kernel;
  readonly system: VfioKernel;
  readonly task: Task;
  readonly backend: Type1Backend;
  #pids = 1;

  constructor({ era = '6.12', type = 3, groups = ['solo1'], config = {}, variant }: Setup = {}) {
    this.kernel = new Kernel(recordedMachine(era, config));
    this.system = new VfioKernel(this.kernel, variant ?? referenceVariant, [type1BackendType]);
    this.task = this.newTask();
    const backend = this.run(() => type1BackendType.open(this.system, type));
    if (!(backend instanceof Type1Backend)) throw new Error(`open answered ${String(backend)}`);
    this.backend = backend;
    for (const group of groups) expect(this.attach(group)).toBe(0);
  }

  get iommu() {
    return this.backend.iommu;
  }

  /** A process with its own, empty memory. */
  newTask(): Task {
    return new Task(this.system, this.#pids++, new Mm(this.kernel, this.system.pages));
  }

  run<T>(body: () => Op<T>, task: Task | null = this.task ?? null): T {
    const result = this.kernel.call('test', body, task);
    if (result.status === 'returned') return result.value;
    throw new Error(`the call is ${result.status}: ${result.fiber.oops?.message ?? ''}`);
  }

  group(label: string): IommuGroup {
    const group = this.kernel.findDevice(label)?.group.value ?? null;
    if (group === null) throw new Error(`${label} has no group`);
    return group;
  }

  target(label: string): Target {
    return { group: this.group(label), device: null, deviceLocked: false, members: null };
  }

  /** Claims the group as SET_CONTAINER does and attaches it. */
  attach(label: string): 0 | Errno {
    const target = this.target(label);
    const { ownership } = this.system;
    if (target.group.owner.value === null) {
      expect(this.run(() => ownership.claim(target, this))).toBe(0);
    }
    return this.run(() => this.backend.attachGroup(target));
  }

  detach(label: string): void {
    const target = this.target(label);
    this.run(() => this.backend.detachGroup(target));
    this.run(() => this.system.ownership.release(target, this));
  }

  /** Gives the process memory. */
  memory(vaddr: bigint, sizeBytes: bigint, prot = 'rw', task = this.task): void {
    task.mm.addArea({
      firstPage: Number(vaddr >> 12n),
      pages: Number(sizeBytes >> 12n),
      readable: prot[0] === 'r',
      writable: prot[1] === 'w',
      hugePages: false,
      device: null,
    });
  }

  /** A BAR of a device, mapped into the process. */
  deviceMemory(vaddr: bigint, physical: bigint, sizeBytes: bigint): void {
    this.task.mm.addArea({
      firstPage: Number(vaddr >> 12n),
      pages: Number(sizeBytes >> 12n),
      readable: true,
      writable: true,
      hugePages: false,
      device: {
        file: null,
        function: '0000:01:00.0',
        physicalPage: Number(physical >> 12n),
        barOffset: 0,
        enabled: () => true,
        declareEnabled: () => {},
      },
    });
  }

  ioctl(request: number, argument: Uint8Array, task = this.task): number | Errno {
    return this.run(() => this.backend.ioctl(task, request, argument), task);
  }

  map(iova: bigint, vaddr: bigint, sizeBytes: bigint, flags = 3, task = this.task): number | Errno {
    return this.ioctl(VFIO_IOMMU_MAP_DMA, words([32, flags], [vaddr, iova, sizeBytes]), task);
  }

  /** The size that was written back, or the errno; after an errno the size must be as given. */
  unmap(iova: bigint, sizeBytes: bigint, flags = 0, task = this.task): bigint | Errno {
    const argument = words([24, flags], [iova, sizeBytes]);
    return this.#unmapped(argument, sizeBytes, task);
  }

  /** UNMAP_DMA with a dirty bitmap of `bitmapBytes` bytes at `data`. */
  unmapDirty(
    iova: bigint,
    sizeBytes: bigint,
    bitmap: { pageBytes?: bigint; bitmapBytes: bigint; data: bigint },
    flags = 1,
  ): bigint | Errno {
    const { pageBytes = 4096n, bitmapBytes, data } = bitmap;
    const argument = words([48, flags], [iova, sizeBytes, pageBytes, bitmapBytes, data]);
    return this.#unmapped(argument, sizeBytes, this.task);
  }

  #unmapped(argument: Uint8Array, sizeBytes: bigint, task: Task): bigint | Errno {
    const answer = this.ioctl(VFIO_IOMMU_UNMAP_DMA, argument, task);
    const written = new DataView(argument.buffer).getBigUint64(16, true);
    if (!isErrno(answer)) return written;
    expect(written).toBe(sizeBytes);
    return answer;
  }

  dirty(flags: number): number | Errno {
    return this.ioctl(VFIO_IOMMU_DIRTY_PAGES, words([8, flags], []));
  }

  /** DIRTY_PAGES GET_BITMAP into `data`. */
  dirtyBitmap(
    iova: bigint,
    sizeBytes: bigint,
    data: bigint,
    bitmapBytes: bigint,
    pageBytes = 4096n,
  ): number | Errno {
    const argument = words([48, 4], [iova, sizeBytes, pageBytes, bitmapBytes, data]);
    return this.ioctl(VFIO_IOMMU_DIRTY_PAGES, argument);
  }

  /** The words of a bitmap in the process's memory. */
  bitmapWords(data: bigint, count: number): bigint[] {
    const bytes = new Uint8Array(8 * count);
    expect(this.task.mm.readBytes(data, bytes)).toBe(0);
    const view = new DataView(bytes.buffer);
    return Array.from({ length: count }, (_, index) => view.getBigUint64(8 * index, true));
  }

  info(argszBytes: number, room = argszBytes): { answer: number | Errno; view: DataView } {
    const argument = new Uint8Array(room);
    new DataView(argument.buffer).setUint32(0, argszBytes, true);
    return { answer: this.ioctl(VFIO_IOMMU_GET_INFO, argument), view: new DataView(argument.buffer) };
  }

  /** The container's IOMMU domains, newest first. */
  get domains(): IommuDomain[] {
    return this.iommu.domains.value.map((domain) => domain.domain);
  }

  /** Their labels: a failed comparison of domains would print the whole kernel. */
  get domainLabels(): string[] {
    return this.domains.map((domain) => domain.label);
  }

  /** The label of the domain that the group is on. */
  domainOf(label: string): string | undefined {
    return this.group(label).domain.value?.label;
  }

  /** The group is where the core puts one that has an owner and no domain of the owner's. */
  expectBlocked(label: string): void {
    expect(this.domainOf(label)).toBe(this.group(label).blockingDomain.value?.label);
  }

  /** The physical page that each domain has for an iova, or -1. */
  translations(iova: bigint): number[] {
    return this.domains.map((domain) => translate(domain, iova));
  }

  /** Mappings, charged pages, pins, and what is left of the entry limit. */
  get counts(): { dmas: number; lockedPages: number; pins: number; avail: number } {
    return {
      dmas: this.iommu.dmas.structure.size,
      lockedPages: this.task.mm.lockedPages.value,
      pins: this.system.pages.pins,
      avail: this.iommu.dmaAvail.value,
    };
  }

  /** Nothing was found wrong but what is `known` to be, and nothing was touched without its lock. */
  expectSound(known: readonly ViolationKind[] = []): void {
    const expected = known.map((kind) => expect.objectContaining({ kind }));
    expect(this.kernel.world.violations).toEqual(expected);
    expect([...this.kernel.world.unguarded]).toEqual([]);
    expect(this.kernel.warnings.value).toEqual([]);
  }
}

export function translate(domain: IommuDomain, iova: bigint): number {
  return domain.geometry.value?.table.translate(Number(iova >> 12n)) ?? -1;
}

/** A little-endian structure of 32-bit words followed by 64-bit words. */
export function words(first: readonly number[], then: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(4 * first.length + 8 * then.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of first.entries()) view.setUint32(4 * index, value, true);
  for (const [index, value] of then.entries()) view.setBigUint64(4 * first.length + 8 * index, value, true);
  return bytes;
}
