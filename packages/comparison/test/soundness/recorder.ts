/**
 * Holds what each step really touches against what it declared.
 *
 * Cells, references, locks and lives tell the world's recorder; the machine tells its watcher of caches, context entries,
 * faults and pages; what was written in the machine is read off the journal besides, so that a write that nobody tells
 * of is found too. Which tables an operation on a domain must read is found by a walk of our own.
 *
 * Two rules. A step touches only what is among its accesses when it has been made. And an operation has declared, before
 * it is performed, all that it touches itself, but for the pages that it takes from the allocator.
 */
import { MachinePart, type MachineWatcher, Touch, translationKey } from '@iommu-lab/core';
import { AccessKind, type Fiber, KernelObject, Location } from '@iommu-lab/explorer';
import { IommuDomain, type Kernel } from '@iommu-lab/kernel';
import { PageReferences } from '@iommu-lab/vfio';
import { type Accesses, copyOf } from './dependency';

/** What one access of a step has to be declared as, at least. */
interface Need {
  readonly location: number;
  readonly kind: AccessKind;
  readonly what: string;
  /** Touched by the operation itself, not by the code that follows it. */
  readonly byOperation: boolean;
}

const BLOCK_PAGES = 512;
const WORDS_PER_PAGE = 1024;
/** From here on a digest key stands for memory outside of the tables, in chunks. */
const FIRST_CHUNK_KEY = 2 ** 20;
const CHUNK_PAGES = 16;

/** Operations that walk a domain's tables from `number0` on. */
const SOFTWARE_WALKS: ReadonlySet<string> = new Set(['hw.map', 'hw.unmap', 'hw.iova_to_phys']);

const VERB: Readonly<Record<number, string>> = { [AccessKind.READ]: 'reads' };

function isAmong(accesses: Accesses, location: number, kind: AccessKind): boolean {
  return accesses.some(([place, how]) => place === location && satisfies(how, kind));
}

function satisfies(declared: AccessKind, needed: AccessKind): boolean {
  if (declared === needed || declared === AccessKind.WRITE) return true;
  if (needed === AccessKind.READ) return declared !== AccessKind.INCREMENT;
  // The change of a lock, or of a count whose increments commute, is of a kind of its own.
  return needed === AccessKind.WRITE && declared !== AccessKind.READ && declared !== AccessKind.AWAIT;
}

export class StepRecorder {
  readonly #needs: Need[] = [];
  readonly #watcher: MachineWatcher;
  #before = 0;
  #operation: { readonly name: string; readonly target: unknown } = { name: '', target: null };
  /** The accesses that the operation had when it was performed. */
  #declared: Accesses = [];
  /** Whether the operation of the step is being performed: not yet the code that follows. */
  #performing = false;
  /** Locations of pages that the step has taken. */
  readonly #taken = new Set<number>();

  constructor(readonly kernel: Kernel) {
    const { memory } = kernel.machine;
    const watcher = memory.watcher as MachineWatcher;
    this.#watcher = watcher;
    memory.watcher = {
      get lanes() {
        return watcher.lanes;
      },
      lane: () => watcher.lane(),
      touch: (part, a, b, how) => {
        this.#touchMachine(part, a, b, how);
        watcher.touch(part, a, b, how);
      },
    };
    kernel.world.recorder = {
      touch: (target, writing, before) => this.#touchCell(target, writing, before),
      performed: ({ local, kind, target, accesses }) => {
        if (local) return;
        this.#operation = { name: `${kind?.name} ${target?.label}`, target };
        this.#declared = copyOf(accesses);
        this.#performing = false;
      },
    };
  }

  stop(): void {
    this.kernel.machine.memory.watcher = this.#watcher;
    this.kernel.world.recorder = null;
  }

  /** To be called before a step of `fiber`. */
  begin(fiber: Fiber): void {
    const { pending } = fiber;
    this.#needs.length = 0;
    this.#taken.clear();
    this.#performing = true;
    if (pending.target instanceof IommuDomain && SOFTWARE_WALKS.has(pending.kind?.name ?? '')) {
      this.#tablesOnTheWay(pending.target, pending.number0);
    }
    this.#before = this.kernel.machine.memory.journal.open();
  }

  /** What the step that `fiber` has just made touched without having declared it, in words. */
  undeclared(fiber: Fiber): string[] {
    this.#readJournal();
    const performed = copyOf(fiber.performed);
    const found: string[] = [];
    for (const { location, kind, what, byOperation } of this.#needs) {
      const does = `${this.#operation.name} (${fiber.currentFunction}) ${VERB[kind] ?? 'changes'} ${what}`;
      if (!isAmong(performed, location, kind)) found.push(`${does} undeclared`);
      else if (byOperation && !this.#taken.has(location) && !isAmong(this.#declared, location, kind)) {
        found.push(`${does} without having declared it before`);
      }
    }
    return found;
  }

  #need(location: number, kind: AccessKind, what: string, byOperation = this.#performing): void {
    this.#needs.push({ location, kind, what, byOperation });
  }

  #touchCell(target: object, writing: boolean, before: unknown): void {
    const { world, locations } = this.kernel;
    if (world.current === null) return;
    const kind = writing ? AccessKind.WRITE : AccessKind.READ;
    if (target instanceof Location) {
      // With the guard held the lock orders the access, unless somebody goes round it.
      const ordered =
        target.guard?.permits(world.current, writing) === true && !world.shared.has(target.location);
      if (!ordered) this.#need(target.location, kind, target.label);
    } else if (target instanceof KernelObject)
      this.#need(target.lifeLocation, kind, `the life of ${target.label}`);
    else if (target instanceof PageReferences) {
      const { page } = before as { page: number };
      const block = Math.floor(page / BLOCK_PAGES);
      const byOperation = this.#performing && !this.#taken.has(locations.pages.of(page));
      this.#need(locations.references.of(block), kind, `references to block ${block}`, byOperation);
    } else if ('location' in target && typeof target.location === 'number') {
      this.#need(target.location, kind, labelOf(target));
    } else if (!labelOf(target).endsWith('task_works')) {
      throw new Error(`no location is known for ${target.constructor.name} ${labelOf(target)}`);
    }
  }

  #touchMachine(part: MachinePart, a: number, b: number, how: Touch): void {
    const { world, locations, machine, iommu } = this.kernel;
    if (world.recorder === null || world.current === null) return;
    const kind =
      how === Touch.READ ? AccessKind.READ : how === Touch.DROP ? AccessKind.INCREMENT : AccessKind.WRITE;
    if (how === Touch.DROP && a < 0) throw new Error('an invalidation of everything has no location');
    switch (part) {
      case MachinePart.ALLOCATION:
        this.#pageAllocated(a);
        break;
      case MachinePart.PAGE:
        this.#need(locations.pages.of(a), kind, `page ${a}`);
        break;
      case MachinePart.CONTEXT_ENTRY:
        this.#need(locations.contexts.of(a), kind, `the context entry of ${a}`);
        this.#need(locations.contextReads, AccessKind.READ, 'context entries');
        break;
      case MachinePart.CACHED_CONTEXT:
        this.#need(locations.cachedContexts.of(a), kind, `the cached context of ${a}`);
        break;
      case MachinePart.LOOKED_UP_TRANSLATION:
        for (let level = 0; level <= (machine.unit?.features.leafLevels ?? 0); level++) {
          const key = translationKey(Math.floor(b / 512 ** level), level);
          this.#need(locations.translation(a, key), kind, `the cached translation of page ${b}`);
        }
        break;
      case MachinePart.KEPT_TRANSLATION:
        this.#need(locations.translation(a, b), kind, `a cached translation under ${a}`);
        break;
      case MachinePart.DOMAIN_CACHES:
        this.#need(locations.domainCaches.of(a), kind, `what is cached of domain ${a}`);
        break;
      case MachinePart.FAULTS:
        this.#need(locations.faults, kind, 'the fault log');
        break;
      case MachinePart.ENTRY:
        this.#entryRead(a, b);
        break;
      case MachinePart.DEVICE: {
        const function_ = machine.pci.all.find((one) => one.segment * 0x10000 + one.requesterId === a);
        const address = function_?.address ?? '';
        this.#need(locations.device(address), kind, `the device at ${address}`);
        break;
      }
      case MachinePart.QUEUE:
        this.#need(locations.pages.of(iommu?.queuePage ?? -1), AccessKind.INCREMENT, 'the queue');
        break;
    }
  }

  #entryRead(page: number, index: number): void {
    const { locations, iommu, machine } = this.kernel;
    const bus = iommu === null ? -1 : busOf(machine.memory, iommu.rootTable, page);
    if (page === iommu?.rootTable) this.#need(locations.contextReads, AccessKind.READ, 'the root table');
    else if (bus < 0) this.#need(locations.pages.of(page), AccessKind.READ, `page ${page}`);
    else {
      const entry = (bus << 8) | (index >> 1);
      this.#need(locations.contexts.of(entry), AccessKind.READ, `the context entry of ${entry.toString(16)}`);
    }
  }

  /** A page was taken or given back. */
  #pageAllocated(page: number): void {
    const { locations, machine } = this.kernel;
    const location = locations.pages.of(page);
    if (machine.memory.tableIsAllocated(page) || machine.memory.frameIsAllocated(page)) {
      this.#taken.add(location);
    }
    this.#need(location, AccessKind.WRITE, `whether page ${page} is allocated`);
  }

  /** Software reads each table on its way: by the format, an entry with rights that is no leaf leads on. */
  #tablesOnTheWay({ geometry }: IommuDomain, iovaPage: number): void {
    const { machine, locations } = this.kernel;
    const table = geometry.value?.table;
    let page = table?.rootPage ?? -1;
    for (let level = (table?.levels ?? 0) - 1; level >= 0 && page >= 0; level--) {
      this.#need(locations.pages.of(page), AccessKind.READ, `table page ${page}`);
      const entry = machine.memory.readEntry(page, Math.floor(iovaPage / 512 ** level) % 512);
      const isLeaf = level === 0 || (entry & 0x80n) !== 0n;
      page = (entry & 3n) === 0n || isLeaf ? -1 : Number((entry >> 12n) & 0xffffffffffn);
    }
  }

  /** What the step has changed in the machine. */
  #readJournal(): void {
    // The code that follows an operation changes the machine only by taking pages, of which the watcher is told.
    this.#performing = true;
    const { memory } = this.kernel.machine;
    for (const { owner, page, copy } of memory.journal.changedPages(this.#before)) {
      const words = owner as typeof memory.arena;
      const now = words.words.subarray(page * WORDS_PER_PAGE);
      const changed = [...copy.keys()].filter((at) => at < now.length && now[at] !== copy[at]);
      if (changed.length === 0) continue;
      if (words === memory.arena) this.#tableChanged(memory.arenaFirstPage + page, changed);
      else if (words.digestKey >= FIRST_CHUNK_KEY) {
        const physical = (words.digestKey - FIRST_CHUNK_KEY) * CHUNK_PAGES + page;
        this.#need(this.kernel.locations.pages.of(physical), AccessKind.WRITE, `page ${physical}`);
      }
    }
    for (const { owner, state } of memory.journal.changedObjects(this.#before)) {
      if (owner.hashState(owner.saveState()) !== owner.hashState(state)) this.#objectChanged(owner);
    }
  }

  #tableChanged(page: number, words: readonly number[]): void {
    const { locations, iommu, machine } = this.kernel;
    const bus = iommu === null ? -1 : busOf(machine.memory, iommu.rootTable, page);
    if (page === iommu?.queuePage) this.#need(locations.pages.of(page), AccessKind.INCREMENT, 'the queue');
    else if (page === iommu?.rootTable)
      this.#need(locations.contextReads, AccessKind.WRITE, 'the root table');
    else if (bus < 0) this.#need(locations.pages.of(page), AccessKind.WRITE, `table page ${page}`);
    else {
      this.#need(locations.contextWrites, AccessKind.INCREMENT, 'context entries');
      for (const devfn of new Set(words.map((word) => word >> 2))) {
        const entry = (bus << 8) | devfn;
        this.#need(
          locations.contexts.of(entry),
          AccessKind.WRITE,
          `the context entry of ${entry.toString(16)}`,
        );
      }
    }
  }

  #objectChanged(owner: object): void {
    const { machine, locations } = this.kernel;
    const function_ = machine.pci.all.find(({ address }) => machine.edu(address) === owner);
    if (function_ !== undefined) {
      const { address } = function_;
      this.#need(locations.device(address), AccessKind.WRITE, `the device at ${address}`);
    } else if (machine.pci.all.some((one) => one === owner)) {
      // The code of a hot removal or a rescan does it, within a step.
      this.#need(locations.presence, AccessKind.WRITE, 'which functions are there', false);
    } else {
      // A tree of tables: only an operation on its domain changes which of them wait for a flush.
      const { name, target } = this.#operation;
      if (!(target instanceof IommuDomain)) throw new Error(`${name} changed a tree of tables`);
      this.#need(target.gatherLocation, AccessKind.WRITE, `the tables of ${target.label} that wait`);
    }
  }
}

function labelOf(target: object): string {
  return 'label' in target ? String(target.label) : '';
}

/** The bus whose context table `page` is, or -1. */
function busOf(memory: Kernel['machine']['memory'], rootTable: number, page: number): number {
  for (let bus = 0; bus < 256; bus++) {
    memory.loadEntry(rootTable, bus * 2);
    if (memory.loadedLow !== 0 && (memory.loadedLow >>> 12) + memory.loadedHigh * 0x100000 === page)
      return bus;
  }
  return -1;
}
