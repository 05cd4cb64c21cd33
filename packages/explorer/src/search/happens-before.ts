/**
 * Computes what happens before a new event, and which earlier events race with it: those whose order with it could
 * have been the other one.
 *
 * Events that are dependent and unordered by program order are candidates. A candidate is a race when both could be
 * next in one state and no other candidate stands between them. What cost the prototype of this search bugs:
 * - Two locks race across the unlock between them, so only another race on the same lock may stand between.
 * - Whether a wait could have ended before a write depends on the value that the write found; so the write's `before`
 *   is asked, not the mere kind of access. Treating the last write alone misses whole bugs.
 */
import { AccessKind, type AccessList, type PendingOperation } from '../operation';
import { kindsCoEnabled, kindsDepend, takesLock, waitsForValue } from './dependency';
import { NOT_ACCESSED } from './footprints';
import { IntColumn } from './growing';
import type { LocationHistory, Trail } from './trail';

/** Called for each race: `early` and the event at `late`, made by `fiber`. */
export type RaceListener = (early: number, late: number, fiber: number) => void;

/** How a candidate relates to the new event. */
const ORDERED = 0;
const RACE = 1;
/** Below it, what candidates are about of which nothing is known: different for each. */
const UNCERTAIN = -(2 ** 30);

/** What of an operation outlives its performance: enough to ask what a wait would have done earlier. */
export type Waiting = Pick<PendingOperation, 'kind' | 'target' | 'argument' | 'number0' | 'fiber'>;

export class HappensBefore {
  readonly #event = new IntColumn();
  readonly #relation = new IntColumn();
  /** Which lock or wait the candidate is about: 0 none, location + 1 a lock, -(location + 1) a wait. */
  readonly #about = new IntColumn();
  #candidates = 0;
  readonly #past: Int32Array;

  constructor(private readonly trail: Trail) {
    this.#past = new Int32Array(trail.fibers);
  }

  /**
   * Fills in the clock of the event that `fiber` makes at the end of the trail, all but its own entry, and reports its
   * races. `waiting` is the operation, if it is a wait. The event is not pushed: a fiber that is blocked for ever has
   * races too, with an event that never happens.
   */
  enter(fiber: number, performed: AccessList, waiting: Waiting | null, onRace: RaceListener): void {
    const { trail } = this;
    const depth = trail.depth;
    const { fibers } = trail;
    const clocks = trail.clocks();
    const here = depth * fibers;
    const last = trail.lastEventOf(fiber, depth);
    for (let other = 0; other < fibers; other++) {
      const clock = last < 0 ? 0 : (clocks[last * fibers + other] as number);
      clocks[here + other] = clock;
      this.#past[other] = clock;
    }
    this.#candidates = 0;
    for (let access = 0; access < performed.length; access++) {
      const location = performed.location(access);
      this.#collect(fiber, location, performed.kind(access), trail.history(location), waiting);
    }
    for (let candidate = 0; candidate < this.#candidates; candidate++) {
      const event = this.#event.get(candidate) * fibers;
      for (let other = 0; other < fibers; other++) {
        const clock = clocks[event + other] as number;
        if (clock > (clocks[here + other] as number)) clocks[here + other] = clock;
      }
    }
    for (let candidate = 0; candidate < this.#candidates; candidate++) {
      if (this.#relation.get(candidate) === RACE && !this.#covered(candidate)) {
        onRace(this.#event.get(candidate), depth, fiber);
      }
    }
  }

  #collect(
    fiber: number,
    location: number,
    kind: AccessKind,
    history: LocationHistory,
    waiting: Waiting | null,
  ): void {
    if ((kind === AccessKind.READ || kind === AccessKind.READ_ONCE) && history.changes === 0) return;
    const waits = waitsForValue(kind);
    const { entries } = history;
    for (let at = entries.length - 1; at >= 0; at--) {
      const entry = entries[at] as number;
      const other = entry & 15;
      if (kindsDepend(other, kind) && this.#concurrent(entry >> 4, fiber)) {
        if (waits) {
          const races = couldHaveEnded(waiting, history.befores[at]);
          // A race that is only assumed must not hide an earlier one that is real.
          const about = isCertain(waiting) ? -(location + 1) : UNCERTAIN - this.#candidates;
          this.#add(entry >> 4, races ? RACE : ORDERED, races ? about : 0);
        } else {
          const locks = takesLock(other) && takesLock(kind);
          this.#add(entry >> 4, kindsCoEnabled(other, kind) ? RACE : ORDERED, locks ? location + 1 : 0);
        }
      }
      // Everything before a write or a lock happens before it; only a wait has to look further back.
      if (!waits && (other === AccessKind.WRITE || other === AccessKind.LOCK)) return;
    }
  }

  /** Whether an event is by another fiber and not in the program-order past of the new one. */
  #concurrent(event: number, fiber: number): boolean {
    const by = this.trail.fiberOf(event);
    return by !== fiber && (this.#past[by] as number) < this.trail.indexOf(event);
  }

  #add(event: number, relation: number, about: number): void {
    const candidate = this.#candidates++;
    this.#event.set(candidate, event);
    this.#relation.set(candidate, relation);
    this.#about.set(candidate, about);
  }

  /** Whether another candidate stands between this one and the new event, or says the same. */
  #covered(candidate: number): boolean {
    const { trail } = this;
    const event = this.#event.get(candidate);
    const about = this.#about.get(candidate);
    for (let other = 0; other < this.#candidates; other++) {
      if (other === candidate) continue;
      const between = this.#event.get(other);
      if (between === event) {
        if (other < candidate && this.#relation.get(other) === RACE) return true;
        continue;
      }
      if ((about === 0 || this.#about.get(other) === about) && trail.happensBefore(event, between))
        return true;
    }
    return false;
  }
}

/** Whether the value of its location alone says when the wait can end. */
function isCertain(waiting: Waiting | null): boolean {
  return waiting?.kind?.enabledWhen !== undefined;
}

/** Whether a wait could have been performed before a write that found `before`. */
function couldHaveEnded(waiting: Waiting | null, before: unknown): boolean {
  if (before === NOT_ACCESSED) return false;
  const enabledWhen = waiting?.kind?.enabledWhen;
  return enabledWhen === undefined || enabledWhen(waiting as PendingOperation, before);
}
