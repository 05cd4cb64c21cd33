/**
 * What it takes to run a race the other way round: the events that do not depend on the earlier one, then the later
 * one. Shared by the partial-order engines.
 */
import { AccessKind } from '../operation';
import { type Accesses, stepsDepend } from './dependency';
import type { Trail } from './trail';

/** One step of a sequence that a search is to run: by which fiber, and what it is known to access. */
export interface SequenceStep {
  readonly fiber: number;
  readonly accesses: Accesses;
  /** Depth of the event in the trail; -1 for the later event of the race, which comes last. */
  readonly event: number;
}

/** The later event of a race: made by `fiber` at `depth`, or never made because the fiber is blocked for ever. */
export interface LateEvent {
  readonly fiber: number;
  readonly depth: number;
  readonly accesses: Accesses;
}

/** The events after `early` and before `end` that do not happen after it, and then `late`. */
export function reversedSequence(trail: Trail, early: number, late: LateEvent, end: number): SequenceStep[] {
  const sequence: SequenceStep[] = [];
  for (let event = early + 1; event < end; event++) {
    if (event === late.depth || trail.happensBefore(early, event)) continue;
    sequence.push({ fiber: trail.fiberOf(event), accesses: trail.accessesOf(event), event });
  }
  sequence.push({ fiber: late.fiber, accesses: late.accesses, event: -1 });
  return sequence;
}

/** Questions about one sequence that a race asks for. */
export class Sequence {
  readonly #beforeLate: ReadonlySet<number>;

  constructor(
    private readonly trail: Trail,
    readonly steps: readonly SequenceStep[],
    late: LateEvent,
  ) {
    this.#beforeLate = eventsBeforeLate(trail, steps, late);
  }

  /** Whether `a` must come before `b` in every order of the sequence that means the same. */
  precedes(a: SequenceStep, b: SequenceStep): boolean {
    if (a.event < 0) return false;
    return b.event < 0 ? this.#beforeLate.has(a.event) : this.trail.happensBefore(a.event, b.event);
  }

  /**
   * Position of the first step of `fiber` among `steps` if it could come first of all; -1 if something must come
   * before it, -2 if the fiber makes no step.
   */
  firstStep(steps: readonly SequenceStep[], fiber: number): number {
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at] as SequenceStep;
      if (step.fiber !== fiber) continue;
      for (let before = 0; before < at; before++) {
        if (this.precedes(steps[before] as SequenceStep, step)) return -1;
      }
      return at;
    }
    return -2;
  }
}

/** The events of the sequence that come before the late one: by its fiber, or by a dependency on the way. */
function eventsBeforeLate(trail: Trail, steps: readonly SequenceStep[], late: LateEvent): Set<number> {
  const before = new Set<number>();
  const own = trail.lastEventOf(late.fiber, late.depth);
  const direct: number[] = own < 0 ? [] : [own];
  for (const { event, accesses } of steps) {
    if (event >= 0 && stepsDepend(accesses, late.accesses)) direct.push(event);
  }
  for (const { event } of steps) {
    if (event < 0) continue;
    if (direct.some((one) => one === event || (one > event && trail.happensBefore(event, one))))
      before.add(event);
  }
  return before;
}

/**
 * Whether the locks that `late` takes are free where the sequence reaches it: after the events before `early`, and
 * those after it that do not depend on it. False also where that cannot be told (a try that may have failed).
 */
export function locksAreFree(trail: Trail, early: number, late: LateEvent): boolean {
  const { accesses } = late;
  for (let at = 0; at < accesses.length; at += 2) {
    const kind = accesses[at + 1] as AccessKind;
    if (kind !== AccessKind.LOCK && kind !== AccessKind.READ_LOCK) continue;
    let writers = 0;
    let readers = 0;
    for (const entry of trail.history(accesses[at] as number).entries) {
      const event = entry >> 4;
      if (event >= late.depth) break;
      if (event === early || (event > early && trail.happensBefore(early, event))) continue;
      const other = entry & 15;
      if (other === AccessKind.LOCK) writers++;
      else if (other === AccessKind.UNLOCK) writers--;
      else if (other === AccessKind.READ_LOCK) readers++;
      else if (other === AccessKind.READ_UNLOCK) readers--;
      else if (other === AccessKind.TRY_LOCK) return false;
    }
    if (writers > 0 || (kind === AccessKind.LOCK && readers > 0)) return false;
  }
  return true;
}
