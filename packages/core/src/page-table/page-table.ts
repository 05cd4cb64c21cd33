/**
 * A page table in physical memory, in one of the formats.
 *
 * It has two doors. The page-number methods (`mapRange`, `unmapRange`, `translate`) allocate nothing; the bigint
 * methods (`map`, `unmap`, `walk`) take byte addresses and wrap them. It is what a driver's software does: hardware
 * sees the same tables through memory, and is not told about changes.
 */
import { offsetOf, pageOf } from '../address';
import { ERRNO, type Errno } from '../errno';
import type { PhysicalMemory } from '../memory/physical-memory';
import { footprint, type TablePurpose, type TableVisitor } from './footprint';
import type { PageTableFormat } from './format';
import { mapRange } from './map-range';
import { Tree } from './tree';
import { UnmapCursor, unmapRange } from './unmap-range';
import { entries, type TableEntry, translate, type WalkResult, walk } from './walk';

export class PageTable {
  readonly #tree: Tree;
  readonly #cursor = new UnmapCursor();

  private constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** An empty table tree. EINVAL: no such configuration in the format. ENOMEM: no page for the root. */
  static create<Config>(
    memory: PhysicalMemory,
    format: PageTableFormat<Config>,
    config: Config,
  ): PageTable | Errno {
    const built = format.build(config);
    if (typeof built === 'string') return built;
    const { geometry, codec } = built;
    const root = memory.allocateTables(geometry.tablePages[geometry.levels - 1] as number);
    if (root < 0) return 'ENOMEM';
    return new PageTable(new Tree(memory, geometry, codec, -ERRNO[format.occupied], root));
  }

  /** Page of the root table; -1 once destroyed. */
  get rootPage(): number {
    return this.#tree.rootPage;
  }
  get levels(): number {
    return this.#tree.geometry.levels;
  }
  /** Width of the input addresses in bits. */
  get inputBits(): number {
    return this.#tree.geometry.inputBits;
  }
  /** Width of the physical addresses in bits. */
  get outputBits(): number {
    return this.#tree.geometry.outputBits;
  }
  /** The page sizes that can be mapped, as a set of bits: bit 12 for 4096 bytes. */
  get pageSizes(): bigint {
    return this.#tree.geometry.leafSizes.reduce((set, size) => set | (BigInt(size.pages) << 12n), 0n);
  }
  /** Pages mapped by the last `mapRange`, whatever it answered. */
  get mappedPages(): number {
    return this.#tree.mappedPages;
  }
  /** Tables unlinked by unmaps and not yet released. */
  get gatheredTables(): number {
    return this.#tree.gatheredCount;
  }
  /** Their pages. */
  gatheredPages(): readonly number[] {
    return this.#tree.gathered.slice(0, this.#tree.gatheredCount);
  }
  /** Entries written since the table was made. */
  get entryWrites(): number {
    return this.#tree.entryWrites;
  }

  /**
   * Maps `pages` pages with the largest leaves that fit. 0 or a negated errno: EINVAL (no pages, or protection bits
   * that the format refuses), ENXIO (below the format's granule), ERANGE (past the input or output width), the
   * format's `occupied` (something is mapped there), ENOMEM (no page for a table), EFAULT (a table pointer was
   * overwritten and leads nowhere). No rollback: `mappedPages` says what was mapped.
   */
  mapRange(iovaPage: number, physicalPage: number, pages: number, prot: number): number {
    return mapRange(this.#tree, iovaPage, physicalPage, pages, prot);
  }

  /**
   * Removes mappings from `iovaPage` on, up to the first hole; the number of pages removed. A start inside a large
   * page removes nothing, an end inside one removes all of it. Emptied tables wait for `releaseGathered`.
   */
  unmapRange(iovaPage: number, pages: number): number {
    return unmapRange(this.#tree, this.#cursor, iovaPage, pages);
  }

  /** Frees the tables that unmaps left behind; how many. To be called once hardware caches are flushed. */
  releaseGathered(): number {
    const tree = this.#tree;
    const count = tree.gatheredCount;
    if (count === 0) return 0;
    tree.save();
    for (let n = 0; n < count; n++) tree.memory.freeTable(tree.gathered[n] as number);
    tree.gatheredCount = 0;
    return count;
  }

  /** The physical page that `iovaPage` maps to, or -1. What software sees, whatever hardware has cached. */
  translate(iovaPage: number): number {
    return translate(this.#tree, iovaPage);
  }

  /**
   * Visits the table pages that a `mapRange`, an `unmapRange` or a `translate` of the range would touch now, each once;
   * true where it may leave tables to be released. New tables are not among them.
   */
  visitTables(iovaPage: number, pages: number, purpose: TablePurpose, visit: TableVisitor): boolean {
    return footprint(this.#tree, iovaPage, pages, purpose, visit);
  }

  /** All pages of the tree, gathered ones not included. */
  tablePages(): readonly number[] {
    const tree = this.#tree;
    if (tree.rootPage < 0) return [];
    const found: number[] = [];
    const add = (page: number, level: number) => {
      for (let n = 0; n < (tree.geometry.tablePages[level] as number); n++) found.push(page + n);
    };
    add(tree.rootPage, tree.topLevel);
    for (const { path, isTable, targetPage } of entries(tree)) {
      if (isTable) add(targetPage, tree.topLevel - path.length - 1);
    }
    return found;
  }

  /** `mapRange` on byte addresses. ENXIO when one of them, or the size, is no multiple of 4096. */
  map(iova: bigint, physical: bigint, sizeBytes: bigint, prot: number): number {
    this.#tree.mappedPages = 0;
    if (sizeBytes <= 0n) return -ERRNO.EINVAL;
    const refused = this.#tree.codec.protectionError(prot);
    if (refused !== 0) return refused;
    if (((iova | physical | sizeBytes) & 0xfffn) !== 0n) return -ERRNO.ENXIO;
    if (iova < 0n || physical < 0n) return -ERRNO.ERANGE;
    return mapRange(this.#tree, pageOf(iova), pageOf(physical), pageOf(sizeBytes), prot);
  }

  /** `unmapRange` on byte addresses; bytes removed. 0 for anything that is not whole pages. */
  unmap(iova: bigint, sizeBytes: bigint): bigint {
    if (((iova | sizeBytes) & 0xfffn) !== 0n || iova < 0n) return 0n;
    return BigInt(this.unmapRange(pageOf(iova), pageOf(sizeBytes))) << 12n;
  }

  /** Walks to one byte address: where it leads and with which rights, or why it leads nowhere. */
  walk(iova: bigint): WalkResult {
    return walk(this.#tree, iova < 0n ? -1 : pageOf(iova), offsetOf(iova));
  }

  /** Every non-zero entry in memory, table by table. Do not map or unmap while iterating. */
  entries(): Iterable<TableEntry> {
    return entries(this.#tree);
  }

  /** Frees all tables, gathered ones included. No unit may walk them any more. */
  destroy(): void {
    const tree = this.#tree;
    if (tree.rootPage < 0) return;
    this.releaseGathered();
    for (const page of this.tablePages()) tree.memory.freeTable(page);
    tree.save();
    tree.rootPage = -1;
    tree.rootBase = -1;
    tree.forgetLeaf();
  }
}
