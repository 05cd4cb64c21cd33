/**
 * A VT-d unit in legacy mode: registers, walks of the root, context and second-stage tables in memory, caches that
 * software must invalidate, an invalidation queue, fault records.
 *
 * Follows the VT-d specification; where that leaves a choice, and where QEMU 7.2 differs, see behaviour.ts. Left out:
 * scalable mode, device-TLBs, interrupt remapping, protected memory regions, fault and invalidation interrupts.
 */
import { pageOfWords } from '../address';
import { ERRNO } from '../errno';
import { hashWords } from '../memory/hash';
import { DIGEST_KEY, type PhysicalMemory } from '../memory/physical-memory';
import { TrackedWords } from '../memory/tracked-words';
import { MachinePart, Touch } from '../memory/watcher';
import { type Behaviour, type BehaviourName, behaviourNamed } from './behaviour';
import { type Capability, decodeCapability } from './capability';
import { FaultLog, type VtdFault } from './fault-log';
import { Invalidator } from './invalidation';
import { InvalidationQueue } from './invalidation-queue';
import { INTERRUPT_FIRST_PAGE, INTERRUPT_PAGES } from './page-walker';
import { RegisterFile } from './register-file';
import { FAULT_STATUS, GLOBAL, REGISTER } from './registers';
import { Translator } from './translator';

export const ACCESS_READ = 0;
export const ACCESS_WRITE = 1;

/** What `translate` answers for the interrupt address range: no memory is reached, and it is no fault. */
export const INTERRUPT_WINDOW = -0x100;

export interface VtdUnitOptions {
  /** The CAP and ECAP registers. */
  capability: bigint;
  extendedCapability: bigint;
  behaviour?: BehaviourName;
  /** Width of physical addresses in bits. Left out: 52, or under `qemu-7.2` the input width. */
  hostAddressBits?: number;
}

/** Words of the unit's own state, beside the registers. */
const NEXT_RECORD = 0;
const ROOT_LOW = 1;
const ROOT_HIGH = 2;
const QUEUE_BASE = 3; // three words, see InvalidationQueue
const WALKS = 6;
const IOTLB_INVALIDATIONS = 7;
const CONTEXT_INVALIDATIONS = 8;
const STATE_WORDS = 9;

const GSTS = REGISTER.GSTS / 4;
const FSTS = REGISTER.FSTS / 4;
/** Version 1.0 of the architecture, as QEMU reports it. */
const VERSION = 0x10;

export class VtdUnit {
  readonly capability: bigint;
  readonly extendedCapability: bigint;
  /** What CAP and ECAP say. */
  readonly features: Capability;
  readonly behaviour: Behaviour;
  /** Work done so far. */
  readonly counters: {
    readonly iotlbInvalidations: number;
    readonly contextInvalidations: number;
    readonly walks: number;
  };

  readonly #registers: TrackedWords;
  readonly #state: TrackedWords;
  readonly #file: RegisterFile;
  readonly #faults: FaultLog;
  readonly #translator: Translator;
  readonly #invalidator: Invalidator;
  readonly #queue: InvalidationQueue;
  readonly #hostAddressBits: number;

  /** TypeError for a behaviour that does not exist. */
  constructor(
    readonly memory: PhysicalMemory,
    options: VtdUnitOptions,
  ) {
    this.capability = options.capability;
    this.extendedCapability = options.extendedCapability;
    const features = decodeCapability(options.capability, options.extendedCapability);
    const behaviour = behaviourNamed(options.behaviour ?? 'hardware');
    this.features = features;
    this.behaviour = behaviour;
    const widest = behaviour.hostWidthIsInputWidth ? features.inputBits : 52;
    this.#hostAddressBits = options.hostAddressBits ?? widest;

    const { faultRecordOffset, faultRecords, iotlbOffset } = features;
    const end = Math.max(0x100, faultRecordOffset + faultRecords * 16, iotlbOffset + 16);
    const registers = new TrackedWords(memory.journal, end / 4, DIGEST_KEY.REGISTERS);
    const state = new TrackedWords(memory.journal, STATE_WORDS);
    this.#registers = registers;
    this.#state = state;
    this.#faults = new FaultLog(registers, state, NEXT_RECORD, features, behaviour.collapsesFaults);
    this.#translator = new Translator(memory, features, behaviour, this.#hostAddressBits, this.#faults, () =>
      this.#count(WALKS),
    );
    this.#invalidator = new Invalidator(this.#translator, features, behaviour, {
      onTranslations: () => this.#count(IOTLB_INVALIDATIONS),
      onContexts: () => this.#count(CONTEXT_INVALIDATIONS),
    });
    this.#queue = new InvalidationQueue(memory, registers, this.#invalidator, behaviour, state, QUEUE_BASE);
    this.#file = new RegisterFile(registers, features, this.#effects());
    this.#resetRegisters();
    const counter = (at: number): number => state.words[at] as number;
    this.counters = {
      get iotlbInvalidations() {
        return counter(IOTLB_INVALIDATIONS);
      },
      get contextInvalidations() {
        return counter(CONTEXT_INVALIDATIONS);
      },
      get walks() {
        return counter(WALKS);
      },
    };
  }

  get domainIds(): number {
    return this.features.domainIds;
  }
  /** Maximum guest address width in bits. */
  get inputBits(): number {
    return this.features.inputBits;
  }

  /** The register at a byte offset, in its own width (32 or 64 bits). TypeError for an offset that is none. */
  readRegister(offset: number): bigint {
    return this.#file.read(offset);
  }

  /** Writes the register at a byte offset, in its own width, and does what that asks for. */
  writeRegister(offset: number, value: bigint): void {
    this.#file.write(offset, value);
  }

  /**
   * Puts one descriptor into the queue in memory and moves the tail, which executes it. 0, or a negated errno:
   * ENODEV: the queue is off. EIO: it is stopped at an earlier error. EBUSY: it is full. EINVAL: this one was refused.
   */
  submit(low: bigint, high: bigint): number {
    if (((this.#registers.words[GSTS] as number) & GLOBAL.QUEUED_INVALIDATION) === 0) return -ERRNO.ENODEV;
    if (this.#queueStopped()) return -ERRNO.EIO;
    this.memory.watcher?.touch(MachinePart.QUEUE, 0, 0, Touch.WRITE);
    if (!this.#queue.append(low, high)) return -ERRNO.EBUSY;
    return this.#queueStopped() ? -ERRNO.EINVAL : 0;
  }

  /**
   * Translates one page for a requester, as a DMA would: fills the caches, records faults. The physical page, or the
   * negated fault reason (FAULT_REASON), or INTERRUPT_WINDOW. With translation off, the page itself.
   */
  translate(requesterId: number, iovaPage: number, access: number): number {
    if (isInterruptPage(iovaPage)) return INTERRUPT_WINDOW;
    if ((this.#registers.words[GSTS] as number) >= 0) return iovaPage;
    return this.#translator.translate(this.#rootPage(), requesterId, iovaPage, access === ACCESS_WRITE);
  }

  /**
   * What `translate` would answer now, caches included, without leaving a trace: nothing is cached, counted or recorded
   * as a fault.
   */
  peek(requesterId: number, iovaPage: number, access: number): number {
    if (isInterruptPage(iovaPage)) return INTERRUPT_WINDOW;
    if ((this.#registers.words[GSTS] as number) >= 0) return iovaPage;
    return this.#translator.peek(this.#rootPage(), requesterId, iovaPage, access === ACCESS_WRITE);
  }

  /** Takes the recorded faults, oldest first, and clears records and status as Linux does. */
  takeFaults(): VtdFault[] {
    this.memory.watcher?.touch(MachinePart.FAULTS, 0, 0, Touch.WRITE);
    return this.#faults.take();
  }

  /** Whether the IOTLB holds a translation of `iovaPage` for a domain. */
  iotlbHas(domainId: number, iovaPage: number): boolean {
    return this.#translator.iotlb.hasPage(domainId, iovaPage);
  }

  /** Whether the context cache holds an entry for a requester. */
  contextCacheHas(requesterId: number): boolean {
    return this.#translator.contexts.has(requesterId);
  }

  /** Whether a pointer read at `level` (1 to 4, from the leaf) on the way to `iovaPage` is cached for a domain. */
  pointerCacheHas(domainId: number, iovaPage: number, level: number): boolean {
    return this.#translator.pointers.has(domainId, iovaPage, level);
  }

  /** What the caches hold, as sorted lines: equal for equal contents, whatever the order of the accesses. */
  describeCaches(): string[] {
    return [
      ...this.#translator.contexts.describe(),
      ...this.#translator.iotlb.describe(),
      ...this.#translator.pointers.describe(),
    ];
  }

  /** First page of the invalidation queue. */
  get queuePage(): number {
    return this.#queue.firstPage;
  }

  /** A hash of the caches and of the state beside the registers; how much work was done is no part of it. */
  hashState(): number {
    const { contexts, iotlb, pointers } = this.#translator;
    return contexts.hash() ^ iotlb.hash() ^ pointers.hash() ^ hashWords(10, this.#state.words, 0, WALKS);
  }

  #count(at: number): void {
    this.#state.set(at, (this.#state.words[at] as number) + 1);
  }

  #rootPage(): number {
    const high = this.#state.words[ROOT_HIGH] as number;
    return (this.#state.words[ROOT_LOW] as number) + (high >>> 0) * 0x100000;
  }

  #queueStopped(): boolean {
    return ((this.#registers.words[FSTS] as number) & FAULT_STATUS.QUEUE_ERROR) !== 0;
  }

  #resetRegisters(): void {
    const { words } = this.#registers;
    words[REGISTER.VER / 4] = VERSION;
    for (const [offset, value] of [
      [REGISTER.CAP, this.capability],
      [REGISTER.ECAP, this.extendedCapability],
    ] as const) {
      words[offset / 4] = Number(BigInt.asIntN(32, value));
      words[offset / 4 + 1] = Number(BigInt.asIntN(32, value >> 32n));
    }
    // Fault and invalidation events start masked.
    words[REGISTER.FECTL / 4] = 1 << 31;
    words[REGISTER.IECTL / 4] = 1 << 31;
  }

  #effects() {
    return {
      globalCommand: (value: number) => this.#globalCommand(value),
      queueTail: () => {
        const on = ((this.#registers.words[GSTS] as number) & GLOBAL.QUEUED_INVALIDATION) !== 0;
        if (on && !this.#queueStopped()) this.#queue.run();
      },
      faultRecordControl: (word: number, value: number) => {
        if (!this.#faults.isRecordControl(word)) return false;
        this.#faults.clearRecord(word, value);
        return true;
      },
      contextCommand: (low: number, high: number) => {
        this.#invalidator.context((high >>> 29) & 3, low & 0xffff, low >>> 16, high & 3);
      },
      iotlbCommand: (_low: number, high: number, addressLow: number, addressHigh: number) => {
        const page = pageOfWords(addressLow, addressHigh);
        const granularity = (high >>> 28) & 3;
        this.#invalidator.translations(
          granularity,
          high & 0xffff,
          page,
          addressLow & 0x3f,
          (addressLow & 0x40) !== 0,
        );
      },
    };
  }

  /** GCMD: one-shot commands set their status bit, the switches are compared with the status. */
  #globalCommand(value: number): void {
    const registers = this.#registers;
    const status = registers.words[GSTS] as number;
    const changed = status ^ value;
    let next = status;
    if ((changed & GLOBAL.TRANSLATION_ENABLE) !== 0) {
      next ^= GLOBAL.TRANSLATION_ENABLE;
      if (this.behaviour.globalCommandsFlush) this.#invalidator.dropEverything();
    }
    if ((value & GLOBAL.SET_ROOT_TABLE) !== 0) {
      next |= GLOBAL.SET_ROOT_TABLE;
      this.#setRootTable();
    }
    if ((changed & GLOBAL.INTERRUPT_REMAPPING) !== 0) next ^= GLOBAL.INTERRUPT_REMAPPING;
    next |= value & GLOBAL.SET_INTERRUPT_TABLE;
    const queueChanges = (changed & GLOBAL.QUEUED_INVALIDATION) !== 0 && this.features.queuedInvalidation;
    if (queueChanges) next ^= GLOBAL.QUEUED_INVALIDATION;
    registers.set(GSTS, next);
    if (!queueChanges) return;
    if ((next & GLOBAL.QUEUED_INVALIDATION) !== 0) {
      this.#queue.enable(
        registers.words[REGISTER.IQA / 4] as number,
        registers.words[REGISTER.IQA / 4 + 1] as number,
      );
    } else registers.set(REGISTER.IQH / 4, 0);
  }

  #setRootTable(): void {
    const words = this.#registers.words;
    const high = words[REGISTER.RTADDR / 4 + 1] as number;
    const width = this.#hostAddressBits;
    this.#state.set(ROOT_LOW, (words[REGISTER.RTADDR / 4] as number) >>> 12);
    this.#state.set(ROOT_HIGH, width >= 64 ? high : high & (2 ** Math.max(0, width - 32) - 1));
    if (this.behaviour.globalCommandsFlush) this.#invalidator.dropEverything();
  }
}

function isInterruptPage(page: number): boolean {
  return page >= INTERRUPT_FIRST_PAGE && page < INTERRUPT_FIRST_PAGE + INTERRUPT_PAGES;
}
