/**
 * A VT-d unit in legacy mode: registers, walks of the root, context and second-stage tables in memory, caches that
 * software must invalidate, an invalidation queue, fault records.
 *
 * Follows the VT-d specification; where that leaves a choice, and where QEMU 7.2 differs, see behaviour.ts. Left out:
 * scalable mode, device-TLBs, interrupt remapping, protected memory regions, fault and invalidation interrupts.
 */
import { pageOfWords, powerOfTwo } from '../address';
import { ERRNO } from '../errno';
import type { PhysicalMemory } from '../memory/physical-memory';
import { TrackedWords } from '../memory/tracked-words';
import { type Behaviour, type BehaviourName, behaviourNamed } from './behaviour';
import { type Capability, decodeCapability } from './capability';
import { ContextCache } from './context-cache';
import { ContextReader } from './context-reader';
import { FaultLog, type VtdFault } from './fault-log';
import { FAULT_REASON, isQualified } from './fault-reason';
import { Invalidator } from './invalidation';
import { InvalidationQueue } from './invalidation-queue';
import { Iotlb } from './iotlb';
import { INTERRUPT_FIRST_PAGE, INTERRUPT_PAGES, PageWalker } from './page-walker';
import { PagingStructureCache } from './paging-structure-cache';
import { RegisterFile } from './register-file';
import { FAULT_STATUS, GLOBAL, REGISTER } from './registers';
import { TRANSLATION_PASS_THROUGH } from './structures';

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
const QUEUE_PAGE = 3; // two words
const QUEUE_SIZE = 5;
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
  readonly #iotlb: Iotlb;
  readonly #contexts: ContextCache;
  readonly #pointers: PagingStructureCache;
  readonly #invalidator: Invalidator;
  readonly #queue: InvalidationQueue;
  readonly #reader: ContextReader;
  readonly #walker: PageWalker;
  readonly #hostAddressBits: number;
  readonly #negativeCaching: boolean;
  /** Off while `peek` looks: nothing is cached, counted or recorded. */
  #keeps = true;

  constructor(
    readonly memory: PhysicalMemory,
    options: VtdUnitOptions,
  ) {
    const { journal } = memory;
    this.capability = options.capability;
    this.extendedCapability = options.extendedCapability;
    this.features = decodeCapability(options.capability, options.extendedCapability);
    this.behaviour = behaviourNamed(options.behaviour ?? 'hardware');
    const widest = this.behaviour.hostWidthIsInputWidth ? this.features.inputBits : 52;
    this.#hostAddressBits = options.hostAddressBits ?? widest;
    this.#negativeCaching = this.features.cachingMode && this.behaviour.cachesFailures;
    const { faultRecordOffset, faultRecords, iotlbOffset } = this.features;
    const end = Math.max(0x100, faultRecordOffset + faultRecords * 16, iotlbOffset + 16);
    this.#registers = new TrackedWords(journal, end / 4);
    this.#state = new TrackedWords(journal, STATE_WORDS);
    const state = this.#state;
    this.#faults = new FaultLog(
      this.#registers,
      state,
      NEXT_RECORD,
      faultRecordOffset,
      faultRecords,
      this.behaviour.collapsesFaults,
    );
    this.#iotlb = new Iotlb(journal);
    this.#contexts = new ContextCache(journal);
    this.#pointers = new PagingStructureCache(journal);
    this.#invalidator = new Invalidator(
      this.#iotlb,
      this.#contexts,
      this.#pointers,
      this.features,
      this.behaviour,
      state,
      IOTLB_INVALIDATIONS,
      CONTEXT_INVALIDATIONS,
    );
    const strict = options.behaviour !== 'qemu-7.2';
    this.#queue = new InvalidationQueue(
      memory,
      this.#registers,
      this.#invalidator,
      strict,
      state,
      QUEUE_PAGE,
      QUEUE_SIZE,
    );
    this.#reader = new ContextReader(memory, this.features, this.#hostAddressBits);
    this.#walker = new PageWalker(
      memory,
      this.features,
      this.behaviour,
      this.#pointers,
      this.#hostAddressBits,
    );
    this.#file = new RegisterFile(this.#registers, this.features, this.#effects());
    this.#resetRegisters();
    this.counters = {
      get iotlbInvalidations() {
        return state.words[IOTLB_INVALIDATIONS] as number;
      },
      get contextInvalidations() {
        return state.words[CONTEXT_INVALIDATIONS] as number;
      },
      get walks() {
        return state.words[WALKS] as number;
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
    if (!this.#queue.append(low, high)) return -ERRNO.EBUSY;
    return this.#queueStopped() ? -ERRNO.EINVAL : 0;
  }

  /**
   * Translates one page for a requester, as a DMA would: fills the caches, records faults. The physical page, or the
   * negated fault reason (FAULT_REASON), or INTERRUPT_WINDOW. With translation off, the page itself.
   */
  translate(requesterId: number, iovaPage: number, access: number): number {
    if (iovaPage >= INTERRUPT_FIRST_PAGE && iovaPage < INTERRUPT_FIRST_PAGE + INTERRUPT_PAGES) {
      return INTERRUPT_WINDOW;
    }
    if ((this.#registers.words[GSTS] as number) >= 0) return iovaPage;
    const write = access === ACCESS_WRITE;
    if (this.behaviour.tagsByRequester && this.#iotlb.find(requesterId, iovaPage)) {
      return this.#useCached(requesterId, iovaPage, write, false);
    }
    const contexts = this.#contexts;
    if (!contexts.find(requesterId)) {
      contexts.reason = this.#reader.read(this.#rootPage(), requesterId, contexts);
      // A failure that is cached belongs to domain id 0, which software must not use then.
      if (contexts.reason !== 0) contexts.domainId = 0;
      if (this.#keeps && (contexts.reason === 0 || this.#negativeCaching)) contexts.keep(requesterId);
    }
    if (contexts.reason !== 0) {
      return this.#refuse(requesterId, iovaPage, write, contexts.reason, contexts.faultDisable);
    }
    const passThrough = contexts.translationType === TRANSLATION_PASS_THROUGH;
    if (passThrough && this.behaviour.passThroughIgnoresWidth) return iovaPage;
    const bits = Math.min(30 + 9 * contexts.addressWidth, this.features.inputBits);
    if (!(iovaPage < powerOfTwo(bits - 12))) {
      return this.#refuse(
        requesterId,
        iovaPage,
        write,
        FAULT_REASON.BEYOND_ADDRESS_WIDTH,
        contexts.faultDisable,
      );
    }
    if (passThrough) return iovaPage;
    if (!this.behaviour.tagsByRequester && this.#iotlb.find(contexts.domainId, iovaPage)) {
      return this.#useCached(requesterId, iovaPage, write, contexts.faultDisable);
    }
    return this.#walk(requesterId, iovaPage, write);
  }

  /**
   * What `translate` would answer now, caches included, without leaving a trace: nothing is cached, counted or recorded
   * as a fault.
   */
  peek(requesterId: number, iovaPage: number, access: number): number {
    this.#keeps = false;
    this.#walker.keeps = false;
    const answer = this.translate(requesterId, iovaPage, access);
    this.#keeps = true;
    this.#walker.keeps = true;
    return answer;
  }

  /** Takes the recorded faults, oldest first, and clears records and status as Linux does. */
  takeFaults(): VtdFault[] {
    return this.#faults.take();
  }

  /** Whether the IOTLB holds a translation of `iovaPage` for a domain. */
  iotlbHas(domainId: number, iovaPage: number): boolean {
    return this.#iotlb.hasPage(domainId, iovaPage);
  }

  /** Whether the context cache holds an entry for a requester. */
  contextCacheHas(requesterId: number): boolean {
    return this.#contexts.has(requesterId);
  }

  /** Whether a pointer read at `level` (1 to 4, from the leaf) on the way to `iovaPage` is cached for a domain. */
  pointerCacheHas(domainId: number, iovaPage: number, level: number): boolean {
    return this.#pointers.has(domainId, iovaPage, level);
  }

  /** What the caches hold, as sorted lines: equal for equal contents, whatever the order of the accesses. */
  describeCaches(): string[] {
    return [...this.#contexts.describe(), ...this.#iotlb.describe(), ...this.#pointers.describe()];
  }

  #walk(requesterId: number, iovaPage: number, write: boolean): number {
    const { domainId, tablePage, addressWidth, faultDisable } = this.#contexts;
    const walker = this.#walker;
    const tag = this.behaviour.tagsByRequester ? requesterId : domainId;
    if (this.#keeps) this.#state.set(WALKS, (this.#state.words[WALKS] as number) + 1);
    const reason = walker.walk(tablePage, addressWidth + 2, domainId, iovaPage, write);
    if (!this.#keeps) return reason === 0 ? walker.physicalPage : -reason;
    if (reason === 0) {
      this.#iotlb.insert(tag, domainId, iovaPage, walker.level, walker.physicalPage, walker.permission);
      return walker.physicalPage;
    }
    if (this.#negativeCaching) {
      const permissionOnly = reason === FAULT_REASON.READ_REFUSED || reason === FAULT_REASON.WRITE_REFUSED;
      if (walker.absent) this.#iotlb.insertFailure(tag, domainId, iovaPage, 0);
      else if (!permissionOnly) this.#iotlb.insertFailure(tag, domainId, iovaPage, reason);
    }
    return this.#refuse(requesterId, iovaPage, write, reason, faultDisable);
  }

  /** Answers from what the IOTLB found. */
  #useCached(requesterId: number, iovaPage: number, write: boolean, faultDisable: boolean): number {
    const { foundPermission, foundReason, foundPage } = this.#iotlb;
    if ((foundPermission & (write ? 2 : 1)) !== 0) return foundPage;
    const reason =
      foundReason !== 0 ? foundReason : write ? FAULT_REASON.WRITE_REFUSED : FAULT_REASON.READ_REFUSED;
    if (this.behaviour.refusesSilently) return -reason;
    return this.#refuse(requesterId, iovaPage, write, reason, faultDisable);
  }

  #refuse(
    requesterId: number,
    iovaPage: number,
    write: boolean,
    reason: number,
    faultDisable: boolean,
  ): number {
    const recorded = this.#keeps && !(faultDisable && isQualified(reason));
    if (recorded) this.#faults.record(requesterId, iovaPage, write, reason);
    return -reason;
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
