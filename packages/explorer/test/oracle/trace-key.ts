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

const kinds: readonly AccessKind[] = Object.values(AccessKind);

/** For each kind, those that do not commute with it. */
const opposing: ReadonlyMap<AccessKind, readonly AccessKind[]> = new Map(
  kinds.map((kind) => [kind, kinds.filter((other) => !commute(kind, other))]),
);

function commute(a: AccessKind, b: AccessKind): boolean {
  return COMMUTING.some(([one, other]) => (one === a && other === b) || (one === b && other === a));
}

/**
 * Collects the steps of one execution. The key is the Foata normal form: every step has as its level the length of the
 * longest chain of dependent steps that ends with it. Accesses need not be part of the key: up to a level they follow
 * from the levels before, since a program does the same in the same state.
 */
export class TraceKey {
  readonly #steps: string[] = [];
  readonly #fiberLevel: number[];
  readonly #fiberSteps: number[];
  /** The highest level of an access, by location and kind. */
  readonly #levels = new Map<number, number[]>();

  constructor(fibers: number) {
    this.#fiberLevel = new Array(fibers).fill(0);
    this.#fiberSteps = new Array(fibers).fill(0);
  }

  /** Starts the next execution. */
  clear(): void {
    this.#steps.length = 0;
    this.#fiberLevel.fill(0);
    this.#fiberSteps.fill(0);
    this.#levels.clear();
  }

  /** Adds the step that `fiber` made, with all its accesses. */
  add(fiber: number, accesses: AccessList): void {
    let level = this.#fiberLevel[fiber] as number;
    for (let index = 0; index < accesses.length; index++) {
      const known = this.#levels.get(accesses.location(index));
      if (known === undefined) continue;
      for (const kind of opposing.get(accesses.kind(index)) ?? []) level = Math.max(level, known[kind] ?? 0);
    }
    level++;
    for (let index = 0; index < accesses.length; index++) {
      const location = accesses.location(index);
      const known = this.#levels.get(location) ?? [];
      known[accesses.kind(index)] = Math.max(level, known[accesses.kind(index)] ?? 0);
      this.#levels.set(location, known);
    }
    this.#fiberLevel[fiber] = level;
    const step = (this.#fiberSteps[fiber] as number)++;
    this.#steps.push(`${fiber}.${step}@${level}`);
  }

  toString(): string {
    return [...this.#steps].sort().join(' ');
  }
}
