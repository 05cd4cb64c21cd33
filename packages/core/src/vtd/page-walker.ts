/**
 * Walks second-stage tables in memory as a unit does, entry by entry (VT-d specification, "Second-Stage Translation").
 *
 * At each level the permission for the access is looked at first, then the reserved bits; an absent entry is one that
 * allows nothing. Pointers may come from the paging-structure cache, and go there.
 */

import { pageOfWords } from '../address';
import type { PhysicalMemory } from '../memory/physical-memory';
import { MachinePart, Touch } from '../memory/watcher';
import { SECOND_STAGE_PAGE_SIZE, secondStageReservedMasks } from '../page-table/formats/vtd-second-stage';
import { pagesAt, unitAt } from '../page-table/nine-bit-levels';
import type { Behaviour } from './behaviour';
import type { Capability } from './capability';
import { FAULT_REASON } from './fault-reason';
import type { PagingStructureCache } from './paging-structure-cache';

/** The pages of the interrupt address range 0xfee00000-0xfeefffff. */
export const INTERRUPT_FIRST_PAGE = 0xfee00;
export const INTERRUPT_PAGES = 0x100;

const READ_BIT = 1;
const WRITE_BIT = 2;
const BIT_62 = 1 << 30;
const LEVEL_LIMIT = 5;

export class PageWalker {
  /** Result of a walk that ended in a page. */
  physicalPage = 0;
  level = 0;
  permission = 0;
  /** After a refused walk: whether it ended in an entry that is absent, not merely refusing. */
  absent = false;
  /** Whether pointers read may be kept; off for a look that must leave no trace. */
  keeps = true;

  readonly #pointerHigh: number;
  readonly #leafHigh: number;
  readonly #pointerLow: Int32Array;
  readonly #leafLow: Int32Array;

  constructor(
    readonly memory: PhysicalMemory,
    readonly capability: Capability,
    readonly behaviour: Behaviour,
    readonly pointers: PagingStructureCache,
    hostAddressBits: number,
  ) {
    const masks = secondStageReservedMasks(hostAddressBits, LEVEL_LIMIT, capability.snoopControl);
    this.#pointerLow = masks.pointerLow.map((mask, level) =>
      level > capability.leafLevels ? mask | SECOND_STAGE_PAGE_SIZE : mask,
    );
    this.#leafLow = masks.leafLow;
    this.#pointerHigh = masks.high | (behaviour.bit62Reserved ? BIT_62 : 0);
    this.#leafHigh = masks.high | (behaviour.bit62Reserved && !capability.deviceTlb ? BIT_62 : 0);
  }

  /** Walks from a root of `levels` levels; 0 with the result in the fields, or the fault reason. */
  walk(rootPage: number, levels: number, domainId: number, iovaPage: number, write: boolean): number {
    let table = rootPage;
    let level = levels - 1;
    this.permission = READ_BIT | WRITE_BIT;
    this.absent = false;
    if (this.behaviour.cachesPointers && this.pointers.findLowest(domainId, iovaPage, levels)) {
      table = this.pointers.foundTable;
      level = this.pointers.foundLevel;
      this.permission = this.pointers.foundPermission;
    }
    const needed = write ? WRITE_BIT : READ_BIT;
    for (; ; level--) {
      this.memory.watcher?.touch(MachinePart.PAGE, table, 0, Touch.READ);
      if (!this.memory.loadEntry(table, unitAt(iovaPage, level) % 512)) return unreadable(level, levels);
      const low = this.memory.loadedLow;
      const high = this.memory.loadedHigh;
      this.permission &= low;
      if ((this.permission & needed) === 0) {
        this.absent = (low & (READ_BIT | WRITE_BIT)) === 0;
        return write ? FAULT_REASON.WRITE_REFUSED : FAULT_REASON.READ_REFUSED;
      }
      const isLeaf =
        level === 0 || (level <= this.capability.leafLevels && (low & SECOND_STAGE_PAGE_SIZE) !== 0);
      const reservedLow = (isLeaf ? this.#leafLow[level] : this.#pointerLow[level]) as number;
      if ((low & reservedLow) !== 0 || (high & (isLeaf ? this.#leafHigh : this.#pointerHigh)) !== 0) {
        return FAULT_REASON.PAGING_ENTRY_RESERVED;
      }
      table = pageOfWords(low, high & 0xfffff);
      if (isLeaf) return this.#finish(table, level, iovaPage);
      if (this.behaviour.cachesPointers) this.#keepPointer(domainId, iovaPage, level, table);
    }
  }

  #keepPointer(domainId: number, iovaPage: number, level: number, table: number): void {
    // Walks leave the same pointers in whatever order they come, but for one that refuses something: a walk for another
    // access ends above it, or goes on below.
    if (this.permission !== (READ_BIT | WRITE_BIT)) {
      this.memory.watcher?.touch(MachinePart.DOMAIN_CACHES, domainId, 0, Touch.WRITE);
    }
    if (this.keeps) this.pointers.insert(domainId, iovaPage, level, table, this.permission);
  }

  #finish(firstPage: number, level: number, iovaPage: number): number {
    const pages = pagesAt(level);
    this.level = level;
    this.physicalPage = firstPage + (iovaPage % pages);
    const start = this.behaviour.checksWholeLeaf ? firstPage : this.physicalPage;
    const end = this.behaviour.checksWholeLeaf ? firstPage + pages : this.physicalPage + 1;
    const hitsInterrupts = start < INTERRUPT_FIRST_PAGE + INTERRUPT_PAGES && end > INTERRUPT_FIRST_PAGE;
    return hitsInterrupts ? FAULT_REASON.OUTPUT_IN_INTERRUPT_RANGE : 0;
  }
}

/** The root that a context entry names and a table that a paging entry names have different reasons. */
function unreadable(level: number, levels: number): number {
  return level === levels - 1 ? FAULT_REASON.CONTEXT_ENTRY_INVALID : FAULT_REASON.NEXT_TABLE_UNREADABLE;
}
