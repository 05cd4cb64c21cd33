/**
 * One DMA transfer between a device's buffer and memory, run page by page.
 *
 * Each page is translated by itself: a page that faults is skipped and the others still move, as in QEMU. A device
 * reads zeros where its read was refused. Peer-to-peer is left out: a physical page that is no RAM reads as zeros and
 * swallows writes.
 */
import { PAGE_SIZE_BYTES, pageOf } from '../address';
import type { PhysicalMemory } from '../memory/physical-memory';
import { ACCESS_WRITE, type VtdUnit } from '../vtd/unit';

/** Where a transfer stands; saved and restored as a whole. */
export interface TransferState {
  doneBytes: number;
  /** What the next page translated to, if `translateNext` has asked already. */
  translated: number | null;
}

/** What moved, or did not, in one step. */
export interface TransferStep {
  iovaPage: number;
  /** The physical page, or a negated fault reason (or INTERRUPT_WINDOW) when nothing moved. */
  physicalPage: number;
  lengthBytes: number;
}

export class DmaTransfer {
  /** Called before the first change after a checkpoint, and when the last byte is done. */
  onChange: () => void = () => {};
  onEnd: () => void = () => {};
  #doneBytes = 0;
  #translated: number | null = null;

  constructor(
    readonly memory: PhysicalMemory,
    /** Null: the bus address is the physical address. */
    readonly unit: VtdUnit | null,
    readonly requesterId: number,
    readonly access: number,
    readonly iova: bigint,
    /** The device's bytes that are sent or filled. */
    readonly buffer: Uint8Array,
  ) {}

  /** Pages that are still to be moved. */
  get pagesLeft(): number {
    const left = this.buffer.length - this.#doneBytes;
    return left === 0 ? 0 : Math.ceil((this.#offset + left) / PAGE_SIZE_BYTES);
  }

  /** The iova page that the next step is about. */
  get iovaPage(): number {
    return pageOf(this.#position);
  }

  /**
   * The IOMMU's part of the next step: the physical page, or a negated fault reason. The answer is kept for `step`, so
   * that what happens between translation and transfer can be seen. TypeError when nothing is left.
   */
  translateNext(): number {
    if (this.pagesLeft === 0) throw new TypeError('the transfer is complete');
    this.onChange();
    const { unit } = this;
    this.#translated =
      unit === null ? this.iovaPage : unit.translate(this.requesterId, this.iovaPage, this.access);
    return this.#translated;
  }

  /**
   * What the next step's translation would answer now, without asking the IOMMU for it: nothing is cached or recorded.
   * TypeError when nothing is left.
   */
  peekNext(): number {
    if (this.pagesLeft === 0) throw new TypeError('the transfer is complete');
    if (this.#translated !== null) return this.#translated;
    const { unit } = this;
    return unit === null ? this.iovaPage : unit.peek(this.requesterId, this.iovaPage, this.access);
  }

  /** Moves the next page's part, translating it first unless `translateNext` has. TypeError when nothing is left. */
  step(): TransferStep {
    const physicalPage = this.#translated ?? this.translateNext();
    this.onChange();
    const iovaPage = this.iovaPage;
    const offset = this.#offset;
    const lengthBytes = Math.min(PAGE_SIZE_BYTES - offset, this.buffer.length - this.#doneBytes);
    const part = this.buffer.subarray(this.#doneBytes, this.#doneBytes + lengthBytes);
    if (this.access === ACCESS_WRITE) {
      if (physicalPage >= 0) this.memory.writeBytes(physicalPage, offset, part);
    } else if (physicalPage >= 0) this.memory.readBytes(physicalPage, offset, part);
    else part.fill(0);
    this.#doneBytes += lengthBytes;
    this.#translated = null;
    if (this.#doneBytes === this.buffer.length) this.onEnd();
    return { iovaPage, physicalPage, lengthBytes };
  }

  /** Where the transfer stands, for a checkpoint. */
  save(): TransferState {
    return { doneBytes: this.#doneBytes, translated: this.#translated };
  }
  restore(state: TransferState): void {
    this.#doneBytes = state.doneBytes;
    this.#translated = state.translated;
  }

  get #position(): bigint {
    return BigInt.asUintN(64, this.iova + BigInt(this.#doneBytes));
  }
  get #offset(): number {
    return Number(this.#position & 0xfffn);
  }
}
