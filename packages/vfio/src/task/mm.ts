/**
 * An address space: mappings, and the frames behind those that were touched. `@kernel struct mm_struct`
 *
 * Frames come when a page is first touched, by the user or by a pin. Leaves out: swap, page migration, copy-on-write
 * sharing (a fork copies at once, which nobody can see), the zero page, growing stacks.
 *
 * What is no operation here is part of the step that calls it, and makes its accesses accesses of that step.
 */
import { ERRNO } from '@iommu-lab/core';
import {
  AccessKind,
  Cell,
  KernelObject,
  type Op,
  type PendingOperation,
  Refcount,
  RwSemaphore,
  StructureCell,
} from '@iommu-lab/explorer';
import { declare, type Errno, type Kernel } from '@iommu-lab/kernel';
import { fput } from '../files/fput';
import type { OpenFile } from '../files/open-file';
import { tearDownStep } from './mapping-steps';
import { type MemoryArea, withoutPages } from './memory-area';
import type { PageReferences } from './page-references';

/** Whether a physical page is memory, or a register or buffer of a device. */
export type PageKind = 'ram' | 'mmio';

const HUGE_PAGES = 512;

export class Mm extends KernelObject {
  /** mmap_lock. */
  readonly mmapLock: RwSemaphore;
  /** locked_vm: pages that count against RLIMIT_MEMLOCK. Changed under `mmapLock`. */
  readonly lockedPages: Cell<number>;
  /** mm_users: threads, and whoever works in the address space now. At zero it is torn down. */
  readonly users: Refcount;
  /** mm_count: who keeps the structure; all users together count as one. */
  readonly holders: Refcount;
  readonly #areas: Cell<readonly MemoryArea[]>;
  /** Frame behind each touched page of anonymous memory. */
  readonly #frames: StructureCell<Map<number, number>>;

  constructor(
    readonly kernel: Kernel,
    readonly references: PageReferences,
  ) {
    super(kernel.world, 'mm_struct');
    this.mmapLock = new RwSemaphore(this, 'mmap_lock', 'mm_struct.mmap_lock');
    this.lockedPages = new Cell(this, 'locked_vm', 0, this.mmapLock);
    this.users = new Refcount(this, 'mm_users', 1);
    this.holders = new Refcount(this, 'mm_count', 1);
    this.#areas = new Cell<readonly MemoryArea[]>(this, 'mm_mt', []);
    this.#frames = new StructureCell(this, 'pgd', new Map<number, number>());
  }

  /** Whether all users have exited: nothing can be pinned or accounted any more. For inspection from outside. */
  get dead(): boolean {
    return this.users.value === 0;
  }

  get areas(): readonly MemoryArea[] {
    return this.#areas.readInStep();
  }

  /** Declares accesses to the areas and to the table of frames, for a step on them. */
  declareTables(pending: PendingOperation, areas: AccessKind, frames: AccessKind): void {
    declare(pending, this.lifeLocation, AccessKind.READ);
    declare(pending, this.#areas.location, areas);
    declare(pending, this.#frames.location, frames);
  }

  /** Declares what resolving the pages of a run touches, and answers the frames that are behind them already. */
  declareResolve(pending: PendingOperation, firstPage: number, pages: number): number[] {
    const frames = this.framesIn(firstPage, pages);
    this.declareTables(pending, AccessKind.READ, frames.length < pages ? AccessKind.WRITE : AccessKind.READ);
    for (const area of this.#areas.value) {
      const overlaps = area.firstPage < firstPage + pages && firstPage < area.firstPage + area.pages;
      if (overlaps) area.device?.declareEnabled(pending);
    }
    return frames;
  }

  /** The area that a user page lies in, or null. */
  areaAt(userPage: number): MemoryArea | null {
    for (const area of this.areas) {
      if (userPage >= area.firstPage && userPage < area.firstPage + area.pages) return area;
    }
    return null;
  }

  /**
   * The physical page behind a user page, faulted in if needed, or a negated errno: EFAULT without a mapping, without
   * the right, or for a device whose memory is off; ENOMEM. Takes no reference.
   * `@kernel pin_user_pages_remote`, `follow_pfn`
   */
  resolve(userPage: number, write: boolean): number {
    const area = this.areaAt(userPage);
    if (area === null || !(write ? area.writable : area.readable)) return -ERRNO.EFAULT;
    if (area.device !== null) {
      if (!area.device.enabled()) return -ERRNO.EFAULT;
      return area.device.physicalPage + (userPage - area.firstPage);
    }
    return this.#frames.readInStep((frames) => frames.get(userPage)) ?? this.#fault(area, userPage);
  }

  kindOf(physicalPage: number): PageKind {
    return this.kernel.machine.memory.isRam(physicalPage) ? 'ram' : 'mmio';
  }

  /** Copies user memory out. EFAULT: some page is not readable memory. `@kernel copy_from_user` */
  readBytes(vaddr: bigint, target: Uint8Array): 0 | Errno {
    return this.#each(vaddr, target.length, false, (page, offset, start, end) => {
      this.#accessPage(page, AccessKind.READ);
      this.kernel.machine.memory.readBytes(page, offset, target.subarray(start, end));
    });
  }

  /** Copies into user memory. EFAULT: some page is not writable memory; pages before it are written. `@kernel copy_to_user` */
  writeBytes(vaddr: bigint, source: Uint8Array): 0 | Errno {
    return this.#each(vaddr, source.length, true, (page, offset, start, end) => {
      this.#accessPage(page, AccessKind.WRITE);
      this.kernel.machine.memory.writeBytes(page, offset, source.subarray(start, end));
    });
  }

  /** Fills user memory with one byte. Errors as `writeBytes`. */
  fillBytes(vaddr: bigint, lengthBytes: number, byte: number): 0 | Errno {
    return this.#each(vaddr, lengthBytes, true, (page, offset, start, end) => {
      this.#accessPage(page, AccessKind.WRITE);
      this.kernel.machine.memory.fillBytes(page, offset, end - start, byte);
    });
  }

  /** The physical address of a byte of user memory, or null where nothing is mapped. Touches the page. */
  physicalOf(vaddr: bigint): bigint | null {
    const page = this.resolve(Number(vaddr >> 12n), false);
    return page < 0 ? null : (BigInt(page) << 12n) + (vaddr & 0xfffn);
  }

  /** Adds an area in place of whatever lay there. The caller keeps the open files in step: see `deviceFiles`. */
  addArea(area: MemoryArea): void {
    this.removeArea(area.firstPage, area.pages);
    this.#areas.writeInStep([...this.areas, area].sort((a, b) => a.firstPage - b.firstPage));
  }

  /** Removes a run of pages from all areas; frames that nobody else keeps are freed. */
  removeArea(firstPage: number, pages: number): void {
    const { areas } = this;
    const touched = areas.filter(
      (area) => area.firstPage < firstPage + pages && firstPage < area.firstPage + area.pages,
    );
    if (touched.length === 0) return;
    this.#areas.writeInStep(areas.flatMap((area) => withoutPages(area, firstPage, pages)));
    for (const area of touched) {
      if (area.device !== null) continue;
      const from = Math.max(area.firstPage, firstPage);
      const to = Math.min(area.firstPage + area.pages, firstPage + pages);
      for (let page = from; page < to; page++) this.#forget(page);
    }
  }

  /** The open files that areas keep open, one for each area: each is a reference. */
  deviceFiles(): OpenFile[] {
    return this.areas.flatMap((area) => (area.device?.file ? [area.device.file] : []));
  }

  removeAllAreas(): void {
    for (const area of this.areas) this.removeArea(area.firstPage, area.pages);
  }

  /** Frames behind the touched pages of a run, for a step that declares what it will touch. */
  framesIn(firstPage: number, pages: number): number[] {
    const frames: number[] = [];
    for (let page = firstPage; page < firstPage + pages; page++) {
      const frame = this.#frames.structure.get(page);
      if (frame !== undefined) frames.push(frame);
    }
    return frames;
  }

  /** Frames behind all touched pages, likewise. */
  allFrames(): number[] {
    return [...this.#frames.structure.values()];
  }

  /** Copies `source`'s areas and frames into this empty address space. ENOMEM. `@kernel dup_mmap` */
  copyFrom(source: Mm): 0 | Errno {
    this.#areas.writeInStep(source.areas);
    const { memory } = this.kernel.machine;
    const bytes = new Uint8Array(4096);
    for (const [userPage, frame] of source.#frames.readInStep((frames) => [...frames])) {
      const copy = memory.allocateFrame();
      if (copy < 0) return 'ENOMEM';
      source.#accessPage(frame, AccessKind.READ);
      memory.readBytes(frame, 0, bytes);
      memory.writeBytes(copy, 0, bytes);
      this.#install(userPage, copy);
    }
    return 0;
  }

  /** Takes a use of the address space if it has not been torn down. `@kernel mmget_not_zero` */
  *getUnlessDead(): Op<boolean> {
    return yield* this.users.getUnlessZero();
  }

  /** Drops a use. The last one removes all areas and lets go of their files. `@kernel mmput`, `exit_mmap` */
  *put(): Op<void> {
    if (!(yield* this.users.put())) return;
    const files = this.deviceFiles();
    yield* tearDownStep(this);
    for (const file of files) yield* fput(file);
    yield* this.drop();
  }

  /** Keeps the structure. `@kernel mmgrab` */
  *grab(): Op<void> {
    yield* this.holders.get();
  }

  /** Lets go of the structure; the last one frees it. `@kernel mmdrop` */
  *drop(): Op<void> {
    if (yield* this.holders.put()) yield* this.free();
  }

  #fault(area: MemoryArea, userPage: number): number {
    const { memory } = this.kernel.machine;
    const first = userPage - (userPage % HUGE_PAGES);
    if (area.hugePages && first >= area.firstPage && first + HUGE_PAGES <= area.firstPage + area.pages) {
      const run = this.#untouched(first) ? memory.allocateFrames(HUGE_PAGES, HUGE_PAGES) : -ERRNO.ENOMEM;
      if (run >= 0) {
        for (let n = 0; n < HUGE_PAGES; n++) this.#install(first + n, run + n);
        return run + (userPage - first);
      }
    }
    const frame = memory.allocateFrame();
    if (frame >= 0) this.#install(userPage, frame);
    return frame;
  }

  #untouched(first: number): boolean {
    return this.#frames.readInStep((frames) => {
      for (let n = 0; n < HUGE_PAGES; n++) if (frames.has(first + n)) return false;
      return true;
    });
  }

  #install(userPage: number, frame: number): void {
    this.references.get(frame);
    this.#frames.changeInStep({
      apply: (frames) => frames.set(userPage, frame),
      undo: (frames) => frames.delete(userPage),
    });
  }

  #forget(userPage: number): void {
    const frame = this.#frames.readInStep((frames) => frames.get(userPage));
    if (frame === undefined) return;
    this.#frames.changeInStep({
      apply: (frames) => frames.delete(userPage),
      undo: (frames) => frames.set(userPage, frame),
    });
    this.references.put(frame);
  }

  #accessPage(page: number, access: AccessKind): void {
    if (this.world.mode !== 'search') return;
    this.world.accessInStep(this.kernel.locations.pages.of(page), access);
  }

  #each(
    vaddr: bigint,
    lengthBytes: number,
    write: boolean,
    visit: (page: number, offset: number, start: number, end: number) => void,
  ): 0 | Errno {
    let done = 0;
    while (done < lengthBytes) {
      const at = vaddr + BigInt(done);
      const offset = Number(at & 0xfffn);
      const end = Math.min(lengthBytes, done + 4096 - offset);
      const page = this.resolve(Number(at >> 12n), write);
      if (page === -ERRNO.ENOMEM) return 'ENOMEM';
      if (page < 0 || this.kindOf(page) === 'mmio') return 'EFAULT';
      visit(page, offset, done, end);
      done = end;
    }
    return 0;
  }
}
