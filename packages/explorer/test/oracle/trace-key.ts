/**
 * The name of a Mazurkiewicz trace: two executions get the same one exactly when they differ in the order of steps
 * whose order nobody can tell.
 *
 * Written apart from the engines: here stands which pairs of accesses commute, by what they mean, and everything else
 * on one location does not.
 */
import { AccessKind, type AccessList } from '../../src/index';

const { READ, READ_ONCE, INCREMENT, READ_LOCK, READ_UNLOCK, AWAIT } = AccessKind;

/** Looking never disturbs looking; increments add up; readers of a lock come and go as they like. */
const COMMUTING: readonly (readonly [AccessKind, AccessKind])[] = [
  [READ, READ],
  [READ, READ_ONCE],
  [READ_ONCE, READ_ONCE],
  [READ_ONCE, AWAIT],
  [READ, AWAIT],
  [AWAIT, AWAIT],
  [INCREMENT, INCREMENT],
  [READ_LOCK, READ_LOCK],
  [READ_LOCK, READ_UNLOCK],
  [READ_UNLOCK, READ_UNLOCK],
];

const kinds: readonly AccessKind[] = Object.values(AccessKind).sort((a, b) => a - b);

/** For each kind, those that do not commute with it. */
const opposing: readonly (readonly AccessKind[])[] = kinds.map((kind) =>
  kinds.filter((other) => !commute(kind, other)),
);

function commute(a: AccessKind, b: AccessKind): boolean {
  return COMMUTING.some(([one, other]) => (one === a && other === b) || (one === b && other === a));
}

const NO_LEVELS: readonly number[] = kinds.map(() => 0);

/**
 * Collects the steps of one execution. The key is the Foata normal form: every step has as its level the length of the
 * longest chain of dependent steps that ends with it; the key says the levels of each fiber's steps. Accesses need not
 * be part of it: up to a level they follow from the levels before, since a program does the same in the same state.
 */
export class TraceKey {
  readonly #levelsOfFiber: number[][];
  /** The highest level of an access, by location and then by kind. */
  readonly #levelsOfLocation = new Map<number, number[]>();

  constructor(fibers: number) {
    this.#levelsOfFiber = Array.from({ length: fibers }, () => []);
  }

  /** Starts the next execution. */
  clear(): void {
    for (const levels of this.#levelsOfFiber) levels.length = 0;
    for (const levels of this.#levelsOfLocation.values()) levels.fill(0);
  }

  /** Adds the step that `fiber` made, with all its accesses. */
  add(fiber: number, accesses: AccessList): void {
    const own = this.#levelsOfFiber[fiber] as number[];
    let level = own.at(-1) ?? 0;
    for (let index = 0; index < accesses.length; index++) {
      const levels = this.#levelsAt(accesses.location(index));
      for (const kind of opposing[accesses.kind(index)] as readonly AccessKind[]) {
        level = Math.max(level, levels[kind] as number);
      }
    }
    level++;
    for (let index = 0; index < accesses.length; index++) {
      const levels = this.#levelsAt(accesses.location(index));
      levels[accesses.kind(index)] = Math.max(level, levels[accesses.kind(index)] as number);
    }
    own.push(level);
  }

  toString(): string {
    return this.#levelsOfFiber.map((levels) => levels.join(' ')).join('|');
  }

  #levelsAt(location: number): number[] {
    let levels = this.#levelsOfLocation.get(location);
    if (levels === undefined) {
      levels = [...NO_LEVELS];
      this.#levelsOfLocation.set(location, levels);
    }
    return levels;
  }
}
