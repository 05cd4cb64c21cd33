/**
 * The invalidation queue: descriptors in memory, consumed from head to tail when software writes the tail register
 * (VT-d specification, "Queued Invalidation Interface"). A descriptor that cannot be executed stops the queue at it
 * and sets the queue error flag until software clears that and writes the tail again.
 *
 * Left out: 256-bit descriptors and PASID-based ones (scalable mode), completion interrupts, time-outs.
 */
import { lowWord, pageOfWords } from '../address';
import type { PhysicalMemory } from '../memory/physical-memory';
import type { TrackedWords } from '../memory/tracked-words';
import type { Behaviour } from './behaviour';
import { DESCRIPTOR } from './descriptors';
import type { Invalidator } from './invalidation';
import { FAULT_STATUS, REGISTER } from './registers';

const IQH = REGISTER.IQH / 4;
const IQT = REGISTER.IQT / 4;
const FSTS = REGISTER.FSTS / 4;
const DESCRIPTORS_PER_PAGE = 256;

/** Reserved bits of the descriptors, as masks of their four words. */
const RESERVED = {
  CONTEXT: [0x0000ffc0, 0xfffc0000 | 0, -1, -1],
  IOTLB: [0x0000ff00, -1, 0xf80, 0],
  WAIT: [0xffffff80 | 0, 0, 3, 0],
} as const;

export class InvalidationQueue {
  /** The descriptor being executed, in words. */
  readonly #words = new Int32Array(4);

  constructor(
    readonly memory: PhysicalMemory,
    readonly registers: TrackedWords,
    readonly invalidator: Invalidator,
    readonly behaviour: Behaviour,
    /** The unit's state; words `baseAt` to `baseAt + 2` hold the queue's first page (low, high) and its size. */
    readonly state: TrackedWords,
    readonly baseAt: number,
  ) {}

  /** Takes over base and size from the address register when the queue is switched on. */
  enable(addressLow: number, addressHigh: number): void {
    // Pages are below 2^40 here: the upper part keeps its own word.
    this.state.set(this.baseAt, addressLow >>> 12);
    this.state.set(this.baseAt + 1, addressHigh);
    this.state.set(this.baseAt + 2, DESCRIPTORS_PER_PAGE << (addressLow & 7));
    this.registers.set(IQH, 0);
    if (this.#index(IQT) !== 0) this.run();
  }

  get size(): number {
    return this.state.words[this.baseAt + 2] as number;
  }

  get firstPage(): number {
    return (
      (this.state.words[this.baseAt] as number) +
      ((this.state.words[this.baseAt + 1] as number) >>> 0) * 0x100000
    );
  }

  /** Executes descriptors up to the tail, or to the first that is refused. */
  run(): void {
    const tail = this.#index(IQT);
    if (tail >= this.size) {
      this.#refuse();
      return;
    }
    while (this.#index(IQH) !== tail) {
      const head = this.#index(IQH);
      if (!this.#fetch(head) || !this.#execute()) {
        this.#refuse();
        return;
      }
      this.registers.set(IQH, (head + 1 === this.size ? 0 : head + 1) << 4);
    }
  }

  /** Writes a descriptor into the tail slot and moves the tail; false when the queue is full. */
  append(low: bigint, high: bigint): boolean {
    const tail = this.#index(IQT);
    const next = tail + 1 === this.size ? 0 : tail + 1;
    if (next === this.#index(IQH)) return false;
    const page = this.#pageOf(tail);
    const entry = (tail % DESCRIPTORS_PER_PAGE) * 2;
    this.memory.storeEntry(page, entry, lowWord(low), lowWord(low >> 32n));
    this.memory.storeEntry(page, entry + 1, lowWord(high), lowWord(high >> 32n));
    this.registers.set(IQT, next << 4);
    this.run();
    return true;
  }

  #index(register: number): number {
    return ((this.registers.words[register] as number) & 0x7fff0) >>> 4;
  }

  #pageOf(index: number): number {
    return this.firstPage + Math.floor(index / DESCRIPTORS_PER_PAGE);
  }

  #fetch(index: number): boolean {
    const page = this.#pageOf(index);
    const entry = (index % DESCRIPTORS_PER_PAGE) * 2;
    for (let half = 0; half < 2; half++) {
      if (!this.memory.loadEntry(page, entry + half)) return false;
      this.#words[half * 2] = this.memory.loadedLow;
      this.#words[half * 2 + 1] = this.memory.loadedHigh;
    }
    return true;
  }

  #refuse(): void {
    this.registers.set(FSTS, (this.registers.words[FSTS] as number) | FAULT_STATUS.QUEUE_ERROR);
  }

  #execute(): boolean {
    const first = this.#words[0] as number;
    switch (first & 0xf) {
      case DESCRIPTOR.CONTEXT:
        return this.#context(first);
      case DESCRIPTOR.IOTLB:
        return this.#iotlb(first);
      case DESCRIPTOR.WAIT:
        return this.#wait(first);
      case DESCRIPTOR.DEVICE_TLB: // no device has one
      case DESCRIPTOR.INTERRUPT_ENTRY: // interrupt remapping is not modelled
        return true;
      case DESCRIPTOR.PASID_IOTLB:
      case DESCRIPTOR.PASID_CACHE:
        return this.behaviour.acceptsPasidDescriptors;
      default:
        return false;
    }
  }

  #context(first: number): boolean {
    const second = this.#words[1] as number;
    if (this.#isReserved(RESERVED.CONTEXT)) return false;
    return this.invalidator.context((first >>> 4) & 3, first >>> 16, second & 0xffff, (second >>> 16) & 3);
  }

  #iotlb(first: number): boolean {
    if (this.#isReserved(RESERVED.IOTLB)) return false;
    const third = this.#words[2] as number;
    const page = pageOfWords(third, this.#words[3] as number);
    const leafOnly = (third & 0x40) !== 0;
    return this.invalidator.translations((first >>> 4) & 3, first >>> 16, page, third & 0x3f, leafOnly);
  }

  #wait(first: number): boolean {
    if (this.#isReserved(RESERVED.WAIT)) return false;
    const writesStatus = (first & 0x20) !== 0;
    if (!writesStatus) {
      if ((first & 0x10) === 0) return false;
      this.registers.set(REGISTER.ICS / 4, 1);
      return true;
    }
    const third = this.#words[2] as number;
    const page = pageOfWords(third, this.#words[3] as number);
    const offset = third & 0xffc;
    const entry = offset >>> 3;
    if (!this.memory.loadEntry(page, entry)) return false;
    const data = this.#words[1] as number;
    const upper = (offset & 4) !== 0;
    this.memory.storeEntry(
      page,
      entry,
      upper ? this.memory.loadedLow : data,
      upper ? data : this.memory.loadedHigh,
    );
    return true;
  }

  #isReserved(masks: readonly [number, number, number, number]): boolean {
    return masks.some((mask, word) => ((this.#words[word] as number) & mask) !== 0);
  }
}
