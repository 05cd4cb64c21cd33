/**
 * Executes invalidations on a unit's caches, whichever interface they came through (VT-d specification, "Invalidation
 * of Translation Caches").
 */
import { powerOfTwo } from '../address';
import type { TrackedWords } from '../memory/tracked-words';
import type { Behaviour } from './behaviour';
import type { Capability } from './capability';
import type { ContextCache } from './context-cache';
import { GRANULARITY } from './descriptors';
import type { Iotlb } from './iotlb';
import type { PagingStructureCache } from './paging-structure-cache';

/** Requester id bits that a function mask ignores: none, bit 2, bits 2:1, bits 2:0. */
const IGNORED_FUNCTION_BITS = [0, 4, 6, 7] as const;

export class Invalidator {
  constructor(
    readonly iotlb: Iotlb,
    readonly contexts: ContextCache,
    readonly pointers: PagingStructureCache,
    readonly capability: Capability,
    readonly behaviour: Behaviour,
    readonly counters: TrackedWords,
    readonly iotlbCounterAt: number,
    readonly contextCounterAt: number,
  ) {}

  /** Empties every cache; not counted as an invalidation of either kind. */
  dropEverything(): void {
    this.iotlb.clear();
    this.contexts.clear();
    this.pointers.clear();
  }

  /** Context-cache invalidation; false for a granularity that does not exist. */
  context(granularity: number, domainId: number, requesterId: number, functionMask: number): boolean {
    const { contexts, behaviour } = this;
    if (granularity === 0) return false;
    this.#count(this.contextCounterAt);
    if (granularity === GRANULARITY.GLOBAL) contexts.clear();
    else if (granularity === GRANULARITY.DOMAIN) {
      if (behaviour.contextInvalidationIgnoresDomain) contexts.clear();
      else contexts.dropDomain(domainId);
    } else {
      const ignored = IGNORED_FUNCTION_BITS[functionMask & 3] as number;
      contexts.dropRequester(
        requesterId,
        ignored,
        behaviour.contextInvalidationIgnoresDomain ? null : domainId,
      );
    }
    return true;
  }

  /**
   * IOTLB invalidation; false for a granularity or an address mask that the unit does not have. `leafOnly` keeps
   * cached pointers. Without page-selective invalidation in CAP, hardware does a domain-selective one.
   */
  translations(
    granularity: number,
    domainId: number,
    page: number,
    pagesLog2: number,
    leafOnly: boolean,
  ): boolean {
    if (granularity === 0) return false;
    const byPage = granularity === GRANULARITY.SELECTIVE && this.capability.pageSelectiveInvalidation;
    if (byPage && pagesLog2 > this.capability.maximumAddressMask) return false;
    this.#count(this.iotlbCounterAt);
    if (granularity === GRANULARITY.GLOBAL) {
      this.iotlb.clear();
      this.pointers.clear();
    } else if (!byPage) {
      this.iotlb.dropDomain(domainId);
      this.pointers.dropDomain(domainId);
    } else {
      this.#dropPages(domainId, page, pagesLog2, leafOnly);
    }
    return true;
  }

  #dropPages(domainId: number, page: number, pagesLog2: number, leafOnly: boolean): void {
    const pages = powerOfTwo(pagesLog2);
    if (this.behaviour.comparesOnePageByte) {
      this.iotlb.dropByLowByte(domainId, page, 0xff & ~(pages - 1));
      return;
    }
    // The address bits under the mask are not looked at.
    const first = Math.floor(page / pages) * pages;
    this.iotlb.dropPages(domainId, first, pages);
    if (!leafOnly) this.pointers.dropPages(domainId, first, pages);
  }

  #count(at: number): void {
    this.counters.set(at, (this.counters.words[at] as number) + 1);
  }
}
