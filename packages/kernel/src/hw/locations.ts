/**
 * Which parts of the hardware an operation touches, as locations that conflict exactly where they must.
 *
 * Two accesses conflict only on one and the same location, so there is no name for "all entries": an operation that
 * concerns many entries and one that concerns a single one meet at a location that both name.
 *
 * - `page`: a page of memory, its content and whether it is allocated. A walk reads each table page that it goes
 *   through, cached pointers included, so that a table that was freed and is something else by now conflicts with
 *   whoever made it that. Software that maps or unmaps reads the tables on its way and writes those that it changes;
 *   freeing a table or a frame writes it.
 * - `context`: the context entry of a requester in memory. Requesters of a bus share a page, so it is not named as one.
 *   A DMA that happens to reach a table page, as it may through a stale translation, is told apart by two locations that
 *   stand for all context and root entries: `contextReads` is read by whoever reads one and written by such a DMA,
 *   `contextWrites` is incremented by whoever writes one and read or written by such a DMA.
 * - `cachedContext`: the context cache's entry of a requester. An invalidation increments it: two of them commute, each
 *   conflicts with a DMA of that requester, which reads it or, where nothing is cached, writes it.
 * - `translation`: an IOTLB entry, by tag, level and place. A DMA reads those that it looks for and writes the one that
 *   it leaves. DMAs to different pages conflict only where one leaf maps both.
 * - `domainCaches`: all that is cached under a domain id. A DMA reads it, an invalidation of any of it increments it.
 * - `faults`: the fault log, written by a DMA that is refused, since records are ordered and may run out.
 *
 * An invalidation increments the page of its queue: what is left of executed descriptors is no state, so that their
 * order does not matter, but a DMA to that page conflicts. Left out: a cache that overflows and empties itself.
 *
 * Names are put together once and found by number afterwards; only a search asks.
 */
import { hex, MachinePart, Touch, translationKey } from '@iommu-lab/core';
import { type AccessKind, AccessKind as Kind, type PendingOperation, type World } from '@iommu-lab/explorer';

/** Locations of one kind of thing, by number. */
class Numbered {
  readonly #known = new Map<number, number>();

  constructor(
    private readonly world: World,
    private readonly name: string,
  ) {}

  of(number: number): number {
    const known = this.#known.get(number);
    if (known !== undefined) return known;
    const made = this.world.namedLocation(`${this.name} ${hex(number)}`);
    this.#known.set(number, made);
    return made;
  }
}

/** The hardware's locations. Belongs to one kernel. */
export class HardwareLocations {
  readonly pages: Numbered;
  /** Who keeps the pages of a block of memory, as the kernel counts it. */
  readonly references: Numbered;
  readonly contexts: Numbered;
  readonly cachedContexts: Numbered;
  readonly domainCaches: Numbered;
  readonly contextReads: number;
  readonly contextWrites: number;
  readonly faults: number;
  /** Which functions software has in its tree, and which kernel devices stand for them. */
  readonly presence: number;
  readonly #translations = new Map<number, Numbered>();

  constructor(private readonly world: World) {
    this.pages = new Numbered(world, 'page');
    this.references = new Numbered(world, 'references to block');
    this.contexts = new Numbered(world, 'context');
    this.cachedContexts = new Numbered(world, 'cached context');
    this.domainCaches = new Numbered(world, 'caches of domain');
    this.contextReads = world.namedLocation('context entries read');
    this.contextWrites = world.namedLocation('context entries written');
    this.faults = world.namedLocation('fault log');
    this.presence = world.namedLocation('pci functions');
  }

  /** The registers, buffer and running transfer of the device at an address. */
  device(address: string): number {
    return this.world.namedLocation(`device at ${address}`);
  }

  /** The configuration space of the function at an address. */
  configSpace(address: string): number {
    return this.world.namedLocation(`configuration of ${address}`);
  }

  /** The IOTLB entry under a tag; `key` as of `translationKey`. */
  translation(tag: number, key: number): number {
    let under = this.#translations.get(tag);
    if (under === undefined) {
      under = new Numbered(this.world, `translation ${hex(tag)}`);
      this.#translations.set(tag, under);
    }
    return under.of(key);
  }
}

/** Adds an access unless it is there. */
export function declare(pending: PendingOperation, location: number, kind: AccessKind): void {
  pending.accesses.addOnce(location, kind);
}

const ACCESS_OF = {
  [Touch.READ]: Kind.READ,
  [Touch.WRITE]: Kind.WRITE,
  [Touch.DROP]: Kind.INCREMENT,
} as const;

/** log2 of the pages under one entry of a level. */
const LEVEL_BITS = 9;

/** Declares what a part of the machine that a translation touches stands for. `leafLevels`: how many sizes above 4 KiB there are. */
export function declareTouch(
  pending: PendingOperation,
  locations: HardwareLocations,
  leafLevels: number,
  part: MachinePart,
  a: number,
  b: number,
  touch: Touch,
): void {
  const kind = ACCESS_OF[touch];
  switch (part) {
    case MachinePart.PAGE:
    case MachinePart.ALLOCATION:
      declare(pending, locations.pages.of(a), kind);
      break;
    case MachinePart.CONTEXT_ENTRY:
      declare(pending, locations.contexts.of(a), kind);
      declare(pending, locations.contextReads, Kind.READ);
      break;
    case MachinePart.CACHED_CONTEXT:
      declare(pending, locations.cachedContexts.of(a), kind);
      break;
    case MachinePart.LOOKED_UP_TRANSLATION:
      for (let level = 0; level <= leafLevels; level++) {
        const unit = Math.floor(b / 2 ** (LEVEL_BITS * level));
        declare(pending, locations.translation(a, translationKey(unit, level)), kind);
      }
      break;
    case MachinePart.KEPT_TRANSLATION:
      declare(pending, locations.translation(a, b), kind);
      break;
    case MachinePart.DOMAIN_CACHES:
      declare(pending, locations.domainCaches.of(a), kind);
      break;
    case MachinePart.FAULTS:
      declare(pending, locations.faults, kind);
      break;
    case MachinePart.QUEUE:
    case MachinePart.ENTRY:
    case MachinePart.DEVICE:
      throw new TypeError(`part ${part} is no part of a translation`);
  }
}
