/**
 * Who keeps a physical frame: one reference for each user mapping and one for each pin. The last one frees it. Pages
 * that are no RAM (device memory) are not counted. `@kernel struct page, _refcount and FOLL_PIN`
 *
 * A change is part of the step that makes it: an access to the counts of a block of 512 pages, which is the grain at
 * which steps on them conflict. Taking references commutes, dropping one does not.
 */
import { AccessKind, type PendingOperation, type Undoable } from '@iommu-lab/explorer';
import { declare, type Kernel } from '@iommu-lab/kernel';

interface Counts {
  readonly references: number;
  readonly pins: number;
}

interface Before {
  readonly page: number;
  readonly counts: Counts | undefined;
  readonly pins: number;
}

const BLOCK_PAGES = 512;
const NONE: Counts = { references: 0, pins: 0 };

export class PageReferences implements Undoable {
  readonly label = 'page references';
  readonly #counts = new Map<number, Counts>();
  #pins = 0;

  constructor(private readonly kernel: Kernel) {}

  /** Pinned pages now; a page pinned twice counts twice. */
  get pins(): number {
    return this.#pins;
  }

  /** How often a page is pinned now. */
  pinsOf(page: number): number {
    return this.#counts.get(page)?.pins ?? 0;
  }

  get(page: number): void {
    this.#change(page, 1, 0);
  }

  /** Drops a reference; the last one frees the frame. Without one a `refcount` violation is recorded. */
  put(page: number): void {
    this.#change(page, -1, 0);
  }

  /** A reference that counts as a pin. `@kernel pin_user_pages` */
  pin(page: number): void {
    this.#change(page, 1, 1);
  }

  /** Drops a pin. Without one a `refcount` violation is recorded. `@kernel unpin_user_page` */
  unpin(page: number): void {
    this.#change(page, -1, -1);
  }

  /** Declares that a reference to a page is taken, or found to be one too few. */
  declareTake(pending: PendingOperation, page: number): void {
    if (this.kernel.machine.memory.isRam(page))
      declare(pending, this.#locationOf(page), AccessKind.INCREMENT);
  }

  /** Declares that a reference to a page is dropped, and that the page is freed where it is the last. */
  declareDrop(pending: PendingOperation, page: number): void {
    if (!this.kernel.machine.memory.isRam(page)) return;
    declare(pending, this.#locationOf(page), AccessKind.WRITE);
    if (this.#counts.get(page)?.references !== 1) return;
    declare(pending, this.kernel.locations.pages.of(page), AccessKind.WRITE);
  }

  canonical(): unknown {
    return this.#counts;
  }

  rollback(before: unknown): void {
    const { page, counts, pins } = before as Before;
    if (counts === undefined) this.#counts.delete(page);
    else this.#counts.set(page, counts);
    this.#pins = pins;
  }

  #locationOf(page: number): number {
    return this.kernel.locations.references.of(Math.floor(page / BLOCK_PAGES));
  }

  #change(page: number, references: number, pins: number): void {
    const { machine, world } = this.kernel;
    if (!machine.memory.isRam(page)) return;
    if (world.mode === 'search') {
      world.accessInStep(this.#locationOf(page), references > 0 ? AccessKind.INCREMENT : AccessKind.WRITE);
    }
    const counts = this.#counts.get(page);
    const before = counts ?? NONE;
    const after = { references: before.references + references, pins: before.pins + pins };
    if (after.references < 0 || after.pins < 0) {
      world.report(
        'refcount',
        `page 0x${page.toString(16)}: reference or pin dropped that nobody holds`,
        null,
      );
      return;
    }
    world.log(this, { page, counts, pins: this.#pins });
    this.#pins += pins;
    if (after.references > 0) {
      this.#counts.set(page, after);
      return;
    }
    this.#counts.delete(page);
    machine.memory.freeFrame(page);
  }
}
