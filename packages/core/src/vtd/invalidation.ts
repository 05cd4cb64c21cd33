/**
 * Executes invalidations on a unit's caches, whichever interface they came through (VT-d specification, "Invalidation
 * of Translation Caches").
 */
import { powerOfTwo } from '../address';
import { MachinePart, Touch } from '../memory/watcher';
import type { Behaviour } from './behaviour';
import type { Capability } from './capability';
import { GRANULARITY } from './descriptors';
import type { Translator } from './translator';

/** For a watcher: entries of whatever requester or domain. */
const EVERY = -1;

/** Requester id bits that a function mask ignores: none, bit 2, bits 2:1, bits 2:0. */
const IGNORED_FUNCTION_BITS = [0, 4, 6, 7] as const;

export class Invalidator {
  /** `observer` is told of every invalidation of either kind that is executed. */
  constructor(
    readonly caches: Pick<Translator, 'iotlb' | 'contexts' | 'pointers' | 'memory'>,
    readonly capability: Capability,
    readonly behaviour: Behaviour,
    readonly observer: { onTranslations(): void; onContexts(): void },
  ) {}

  /** Empties every cache; not counted as an invalidation of either kind. */
  dropEverything(): void {
    this.caches.iotlb.clear();
    this.caches.contexts.clear();
    this.caches.pointers.clear();
  }

  /** Context-cache invalidation; false for a granularity that does not exist. */
  context(granularity: number, domainId: number, requesterId: number, functionMask: number): boolean {
    const { behaviour } = this;
    const { contexts } = this.caches;
    if (granularity === 0) return false;
    this.observer.onContexts();
    const selective = granularity === GRANULARITY.SELECTIVE && functionMask === 0;
    this.#tell(MachinePart.CACHED_CONTEXT, selective ? requesterId : EVERY);
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
    this.observer.onTranslations();
    this.#tell(MachinePart.DOMAIN_CACHES, granularity === GRANULARITY.GLOBAL ? EVERY : domainId);
    if (granularity === GRANULARITY.GLOBAL) {
      this.caches.iotlb.clear();
      this.caches.pointers.clear();
    } else if (!byPage) {
      this.caches.iotlb.dropDomain(domainId);
      this.caches.pointers.dropDomain(domainId);
    } else {
      this.#dropPages(domainId, page, pagesLog2, leafOnly);
    }
    return true;
  }

  #tell(part: MachinePart, which: number): void {
    this.caches.memory.watcher?.touch(part, which, 0, Touch.DROP);
  }

  #dropPages(domainId: number, page: number, pagesLog2: number, leafOnly: boolean): void {
    const pages = powerOfTwo(pagesLog2);
    if (this.behaviour.comparesOnePageByte) {
      this.caches.iotlb.dropByLowByte(domainId, page, 0xff & ~(pages - 1));
      return;
    }
    // The address bits under the mask are not looked at.
    const first = Math.floor(page / pages) * pages;
    this.caches.iotlb.dropPages(domainId, first, pages);
    if (!leafOnly) this.caches.pointers.dropPages(domainId, first, pages);
  }
}
