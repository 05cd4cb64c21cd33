/**
 * Data races: two accesses to one plain location, one of them a write, that nothing orders. Only what synchronises
 * counts as order here (locks, references, completions, atomic variables), not the order in which the accesses
 * happened to come. Plain are cells that say so, and guarded cells that somebody accessed without their lock.
 *
 * Leaves out: an atomic store is taken to synchronise both ways, so a race that only weaker orderings would show is
 * not reported.
 */
import { AccessKind } from '../operation';
import type { Trail } from '../search/trail';
import type { World } from '../world';

/** Last accesses to a plain location, per fiber: the fiber's clock at its last read and write; 0: none. */
interface PlainHistory {
  readonly reads: Int32Array;
  readonly writes: Int32Array;
}

export class DataRaceDetector {
  readonly #clocks: Int32Array[];
  readonly #released = new Map<number, Int32Array>();
  readonly #plain = new Map<number, PlainHistory>();
  readonly #reported = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly names: readonly string[],
  ) {
    this.#clocks = names.map(() => new Int32Array(names.length));
  }

  /** Looks through an execution at its end and records its races as violations. */
  check(trail: Trail): void {
    if (this.world.shared.size === 0) return;
    for (const [fiber, clock] of this.#clocks.entries()) {
      clock.fill(0);
      clock[fiber] = 1;
    }
    this.#released.clear();
    this.#plain.clear();
    this.#reported.clear();
    for (let step = 0; step < trail.depth; step++) {
      const fiber = trail.fiberOf(step);
      trail.forEachAccess(step, (location, kind) => this.#acquire(fiber, location, kind));
      trail.forEachAccess(step, (location, kind) => {
        if (this.world.shared.has(location)) this.#access(fiber, location, kind, step);
      });
      trail.forEachAccess(step, (location, kind) => this.#release(fiber, location, kind));
    }
  }

  #acquire(fiber: number, location: number, kind: AccessKind): void {
    if (!acquires(kind) || this.world.shared.has(location)) return;
    const released = this.#released.get(location);
    if (released !== undefined) join(this.#clocks[fiber] as Int32Array, released);
  }

  #release(fiber: number, location: number, kind: AccessKind): void {
    if (!releases(kind) || this.world.shared.has(location)) return;
    const clock = this.#clocks[fiber] as Int32Array;
    let released = this.#released.get(location);
    if (released === undefined) {
      released = new Int32Array(this.names.length);
      this.#released.set(location, released);
    }
    join(released, clock);
    clock[fiber] = (clock[fiber] as number) + 1;
  }

  #access(fiber: number, location: number, kind: AccessKind, step: number): void {
    if (kind !== AccessKind.READ && kind !== AccessKind.WRITE) return;
    let history = this.#plain.get(location);
    if (history === undefined) {
      history = { reads: new Int32Array(this.names.length), writes: new Int32Array(this.names.length) };
      this.#plain.set(location, history);
    }
    const clock = this.#clocks[fiber] as Int32Array;
    for (let other = 0; other < this.names.length; other++) {
      if (other === fiber) continue;
      const seen = clock[other] as number;
      if ((history.writes[other] as number) > seen)
        this.#report(location, other, 'writes', fiber, kind, step);
      else if (kind === AccessKind.WRITE && (history.reads[other] as number) > seen) {
        this.#report(location, other, 'reads', fiber, kind, step);
      }
    }
    (kind === AccessKind.WRITE ? history.writes : history.reads)[fiber] = clock[fiber] as number;
  }

  #report(location: number, early: number, did: string, late: number, kind: AccessKind, step: number): void {
    const label = this.world.shared.labelOf(location) ?? `location ${location}`;
    if (this.#reported.has(label)) return;
    this.#reported.add(label);
    const does = kind === AccessKind.WRITE ? 'writes' : 'reads';
    const fiber = this.names[late] as string;
    const message = `${this.names[early]} ${did} ${label} and ${fiber} ${does} it; nothing orders the two`;
    this.world.violations.push({ kind: 'data-race', message, object: label, at: label, fiber, step });
  }
}

function acquires(kind: AccessKind): boolean {
  return kind !== AccessKind.UNLOCK && kind !== AccessKind.READ_UNLOCK;
}

function releases(kind: AccessKind): boolean {
  return (
    kind === AccessKind.UNLOCK ||
    kind === AccessKind.READ_UNLOCK ||
    kind === AccessKind.WRITE ||
    kind === AccessKind.INCREMENT
  );
}

function join(into: Int32Array, from: Int32Array): void {
  for (let fiber = 0; fiber < into.length; fiber++) {
    if ((from[fiber] as number) > (into[fiber] as number)) into[fiber] = from[fiber] as number;
  }
}
