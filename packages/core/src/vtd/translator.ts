/**
 * How a unit answers one access: context entry, IOTLB, walk, and what each of them leaves in the caches or in the fault
 * log (VT-d specification, "Address Translation"). The order of context cache and IOTLB is the behaviour's.
 */
import { powerOfTwo } from '../address';
import type { PhysicalMemory } from '../memory/physical-memory';
import { MachinePart, Touch, translationKey } from '../memory/watcher';
import { unitAt } from '../page-table/nine-bit-levels';
import type { Behaviour } from './behaviour';
import type { Capability } from './capability';
import { ContextCache } from './context-cache';
import { ContextReader } from './context-reader';
import type { FaultLog } from './fault-log';
import { FAULT_REASON, isQualified } from './fault-reason';
import { Iotlb } from './iotlb';
import { PageWalker } from './page-walker';
import { PagingStructureCache } from './paging-structure-cache';
import { TRANSLATION_PASS_THROUGH } from './structures';

export class Translator {
  readonly iotlb: Iotlb;
  readonly contexts: ContextCache;
  readonly pointers: PagingStructureCache;
  readonly #reader: ContextReader;
  readonly #walker: PageWalker;
  readonly #negativeCaching: boolean;
  /** Off while a look must leave no trace: nothing is cached, counted or recorded. */
  #keeps = true;

  /** `onWalk` is told of every page walk. */
  constructor(
    readonly memory: PhysicalMemory,
    readonly features: Capability,
    readonly behaviour: Behaviour,
    hostAddressBits: number,
    readonly faults: FaultLog,
    readonly onWalk: () => void,
  ) {
    this.iotlb = new Iotlb(memory.journal);
    this.contexts = new ContextCache(memory.journal);
    this.pointers = new PagingStructureCache(memory.journal);
    this.#reader = new ContextReader(memory, features, hostAddressBits);
    this.#walker = new PageWalker(memory, features, behaviour, this.pointers, hostAddressBits);
    this.#negativeCaching = features.cachingMode && behaviour.cachesFailures;
  }

  /** The physical page, or the negated fault reason. */
  translate(rootPage: number, requesterId: number, iovaPage: number, write: boolean): number {
    if (this.behaviour.tagsByRequester && this.#findCached(requesterId, iovaPage)) {
      return this.#useCached(requesterId, iovaPage, write, false);
    }
    const contexts = this.contexts;
    const cached = contexts.find(requesterId);
    this.memory.watcher?.touch(MachinePart.CACHED_CONTEXT, requesterId, 0, cached ? Touch.READ : Touch.WRITE);
    if (!cached) {
      contexts.reason = this.#reader.read(rootPage, requesterId, contexts);
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
    if (!this.behaviour.tagsByRequester && this.#findCached(contexts.domainId, iovaPage)) {
      return this.#useCached(requesterId, iovaPage, write, contexts.faultDisable);
    }
    return this.#walk(requesterId, iovaPage, write);
  }

  #findCached(tag: number, iovaPage: number): boolean {
    const found = this.iotlb.find(tag, iovaPage);
    const { watcher } = this.memory;
    if (watcher === null) return found;
    watcher.touch(MachinePart.LOOKED_UP_TRANSLATION, tag, iovaPage, Touch.READ);
    if (found) watcher.touch(MachinePart.DOMAIN_CACHES, this.iotlb.foundDomainId, 0, Touch.READ);
    return found;
  }

  /** What `translate` would answer now, with nothing cached, counted or recorded; a watcher is told as of the real one. */
  peek(rootPage: number, requesterId: number, iovaPage: number, write: boolean): number {
    this.#keeps = false;
    this.#walker.keeps = false;
    const answer = this.translate(rootPage, requesterId, iovaPage, write);
    this.#keeps = true;
    this.#walker.keeps = true;
    return answer;
  }

  #walk(requesterId: number, iovaPage: number, write: boolean): number {
    const { domainId, tablePage, addressWidth, faultDisable } = this.contexts;
    const walker = this.#walker;
    const tag = this.behaviour.tagsByRequester ? requesterId : domainId;
    if (this.#keeps) this.onWalk();
    this.memory.watcher?.touch(MachinePart.DOMAIN_CACHES, domainId, 0, Touch.READ);
    const reason = walker.walk(tablePage, addressWidth + 2, domainId, iovaPage, write);
    if (reason === 0) {
      this.#tellKept(tag, iovaPage, walker.level);
      if (this.#keeps) {
        this.iotlb.insert(tag, domainId, iovaPage, walker.level, walker.physicalPage, walker.permission);
      }
      return walker.physicalPage;
    }
    const permissionOnly = reason === FAULT_REASON.READ_REFUSED || reason === FAULT_REASON.WRITE_REFUSED;
    if (this.#negativeCaching && (walker.absent || !permissionOnly)) {
      this.#tellKept(tag, iovaPage, 0);
      if (this.#keeps) this.iotlb.insertFailure(tag, domainId, iovaPage, walker.absent ? 0 : reason);
    }
    return this.#refuse(requesterId, iovaPage, write, reason, faultDisable);
  }

  #tellKept(tag: number, iovaPage: number, level: number): void {
    const key = translationKey(unitAt(iovaPage, level), level);
    this.memory.watcher?.touch(MachinePart.KEPT_TRANSLATION, tag, key, Touch.WRITE);
  }

  /** Answers from what the IOTLB found. */
  #useCached(requesterId: number, iovaPage: number, write: boolean, faultDisable: boolean): number {
    const { foundPermission, foundReason, foundPage } = this.iotlb;
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
    if (!(faultDisable && isQualified(reason))) {
      this.memory.watcher?.touch(MachinePart.FAULTS, 0, 0, Touch.WRITE);
      if (this.#keeps) this.faults.record(requesterId, iovaPage, write, reason);
    }
    return -reason;
  }
}
