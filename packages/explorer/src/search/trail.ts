/**
 * The events of the current execution with what a partial-order search needs of them: accesses, vector clocks and,
 * for each location, who accessed it in which order. The part that the next execution shares is kept; the rest is
 * popped.
 */
import { AccessKind, type AccessList } from '../operation';
import { type Accesses, kindsDepend } from './dependency';
import { NOT_ACCESSED } from './footprints';
import { IntColumn } from './growing';

/** The accesses to one location, oldest first: depth * 16 + kind, and the value before a write. */
export interface LocationHistory {
  readonly entries: number[];
  readonly befores: unknown[];
  /** How many entries are no reads. */
  changes: number;
}

export class Trail {
  /** Number of events. */
  depth = 0;
  readonly #fiber = new IntColumn();
  /** The event's number among those of its fiber, from 1. */
  readonly #index = new IntColumn();
  /** clock[d * fibers + t]: how many events of t happen before event d, or are it. */
  readonly #clock = new IntColumn();
  /** last[d * fibers + t]: depth of the last event of t before depth d, or -1. */
  readonly #last = new IntColumn();
  readonly #start = new IntColumn();
  /** How many of an event's accesses were made; those that it could have made come after them. */
  readonly #made = new IntColumn();
  readonly #accesses = new IntColumn();
  readonly #histories: (LocationHistory | undefined)[] = [];
  /** Copies of accesses that somebody asked for, by depth. */
  readonly #copies: (Accesses | undefined)[] = [];

  /** Without `histories` `history` must not be asked for, and a push costs about half. */
  constructor(
    readonly fibers: number,
    private readonly histories = true,
  ) {
    for (let fiber = 0; fiber < fibers; fiber++) this.#last.set(fiber, -1);
  }

  fiberOf(depth: number): number {
    return this.#fiber.get(depth);
  }

  indexOf(depth: number): number {
    return this.#index.get(depth);
  }

  /** Depth of the last event of `fiber` before `depth`, or -1. */
  lastEventOf(fiber: number, depth: number): number {
    return this.#last.get(depth * this.fibers + fiber);
  }

  /** Number of events of `fiber`. */
  stepsOf(fiber: number): number {
    const last = this.lastEventOf(fiber, this.depth);
    return last < 0 ? 0 : this.indexOf(last);
  }

  /** The clocks of all events in one array; see `#clock`. */
  clocks(): Int32Array {
    return this.#clock.array((this.depth + 1) * this.fibers);
  }

  /** Whether event `early` happens before event `late`. */
  happensBefore(early: number, late: number): boolean {
    return this.#clock.get(late * this.fibers + this.#fiber.get(early)) >= this.#index.get(early);
  }

  history(location: number): LocationHistory {
    const known = this.#histories[location];
    if (known !== undefined) return known;
    // Without holes the array stays an array inside the engine.
    while (this.#histories.length < location) this.#histories.push(undefined);
    const made: LocationHistory = { entries: [], befores: [], changes: 0 };
    this.#histories[location] = made;
    return made;
  }

  /**
   * Adds an event whose clock is already at its depth in `clocks()`, all but the fiber's own entry.
   * Precondition: it is the event at `depth`.
   */
  push(fiber: number, performed: AccessList): void {
    const depth = this.depth;
    const own = depth * this.fibers + fiber;
    this.#fiber.set(depth, fiber);
    const last = this.lastEventOf(fiber, depth);
    const index = last < 0 ? 1 : this.#index.get(last) + 1;
    this.#index.set(depth, index);
    this.#clock.set(own, index);
    let at = this.#start.get(depth);
    let made = 0;
    for (let access = 0; access < performed.length; access++) {
      const location = performed.location(access);
      const kind = performed.kind(access);
      this.#accesses.set(at++, location);
      this.#accesses.set(at++, kind);
      const before = performed.before(access);
      if (before !== NOT_ACCESSED) made++;
      if (!this.histories) continue;
      const history = this.history(location);
      history.entries.push(depth * 16 + kind);
      history.befores.push(before);
      if (!isRead(kind)) history.changes++;
    }
    this.#start.set(depth + 1, at);
    this.#made.set(depth, made);
    this.#copies[depth] = undefined;
    const here = depth * this.fibers;
    for (let other = 0; other < this.fibers; other++) {
      this.#last.set(here + this.fibers + other, other === fiber ? depth : this.#last.get(here + other));
    }
    this.depth = depth + 1;
  }

  /** Removes the last event. */
  pop(): void {
    const depth = --this.depth;
    if (!this.histories) return;
    for (let at = this.#start.get(depth + 1) - 2; at >= this.#start.get(depth); at -= 2) {
      const history = this.#histories[this.#accesses.get(at)] as LocationHistory;
      history.entries.pop();
      history.befores.pop();
      if (!isRead(this.#accesses.get(at + 1))) history.changes--;
    }
  }

  /** Calls `visit` with location and kind of each access that an event made. */
  forEachAccess(depth: number, visit: (location: number, kind: AccessKind) => void): void {
    const start = this.#start.get(depth);
    const end = start + this.#made.get(depth) * 2;
    for (let at = start; at < end; at += 2) {
      visit(this.#accesses.get(at), this.#accesses.get(at + 1) as AccessKind);
    }
  }

  /** The accesses of an event, as a copy that stays. */
  accessesOf(depth: number): Accesses {
    const known = this.#copies[depth];
    if (known !== undefined) return known;
    const start = this.#start.get(depth);
    const end = this.#start.get(depth + 1);
    const copy = this.#accesses.array(end).slice(start, end);
    this.#copies[depth] = copy;
    return copy;
  }

  /** Whether an access of the event depends on one in `accesses`. */
  dependsOn(depth: number, accesses: Accesses): boolean {
    const end = this.#start.get(depth + 1);
    const own = this.#accesses.array(end);
    for (let i = this.#start.get(depth); i < end; i += 2) {
      for (let j = 0; j < accesses.length; j += 2) {
        if (own[i] === accesses[j] && kindsDepend(own[i + 1] as number, accesses[j + 1] as number))
          return true;
      }
    }
    return false;
  }

  /** The fiber of each event: the schedule. */
  schedule(): number[] {
    return Array.from({ length: this.depth }, (_, depth) => this.#fiber.get(depth));
  }
}

function isRead(kind: number): boolean {
  return kind === AccessKind.READ || kind === AccessKind.READ_ONCE;
}
