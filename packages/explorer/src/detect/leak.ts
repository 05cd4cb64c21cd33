/**
 * Leaks: objects that an execution made and left alive, and references that did not come back.
 * Only objects made in a search are looked at; for ordinary calls compare `world.liveObjects()`. Whether a living object
 * is still reachable is not known here: the program says how many of each kind are meant to stay.
 */
import type { Refcount } from '../refcount';
import type { World } from '../world';

/** What may look like a leak and is none, and what else must be as it was. */
export interface LeakOptions {
  /** Site of an object, and how many of its kind an execution may leave alive. */
  readonly kept?: Readonly<Record<string, number>>;
  /** Counts that must end as they stand when the check is made. */
  readonly refcounts?: readonly Refcount[];
}

/** Made with the program in its initial state; `check` belongs into `atEnd`. */
export class LeakCheck {
  readonly #kept: ReadonlyMap<string, number>;
  readonly #counts: ReadonlyMap<Refcount, number>;

  constructor(
    private readonly world: World,
    { kept = {}, refcounts = [] }: LeakOptions = {},
  ) {
    this.#kept = new Map(Object.entries(kept));
    this.#counts = new Map(refcounts.map((refcount) => [refcount, refcount.value]));
  }

  /** Records `leak` for each kind of object and each count that is too high, `refcount` for each that is too low. */
  check(): void {
    for (const [site, alive] of this.#aliveBySite()) {
      const kept = this.#kept.get(site) ?? 0;
      if (alive.length > kept) this.#reportAlive(site, alive, kept);
    }
    for (const [refcount, before] of this.#counts) {
      if (refcount.value !== before) this.#reportCount(refcount, before);
    }
  }

  #aliveBySite(): Map<string, string[]> {
    const bySite = new Map<string, string[]>();
    this.world.births.forEachAlive((object, madeIn) => {
      const alive = bySite.get(object.site) ?? [];
      alive.push(`${object.label} (made in ${madeIn})`);
      bySite.set(object.site, alive);
    });
    return bySite;
  }

  #reportAlive(site: string, alive: readonly string[], kept: number): void {
    const allowed = kept === 0 ? '' : `, ${kept} of which may stay`;
    this.world.report('leak', `${alive.length} ${site} left alive${allowed}: ${alive.join(', ')}`, site);
  }

  #reportCount(refcount: Refcount, before: number): void {
    const { label, value } = refcount;
    const kind = value > before ? 'leak' : 'refcount';
    this.world.report(kind, `${label}: ${value} references at the end, ${before} at the start`, label);
  }
}
