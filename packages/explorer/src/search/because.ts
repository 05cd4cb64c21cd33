/**
 * Why something does not happen: two events whose order would decide it, and what a search saw of them. Either both
 * orders ran and neither did harm, or one order never came; then the locks and references that forbid it are those
 * that did so in every execution.
 */

import { type RecordedEvent, Recording } from '../counterexample/recording';
import { AccessKind } from '../operation';
import type { World } from '../world';
import type { Accesses } from './dependency';
import type { ExecutionView } from './exploration';

/** Which events are meant; what is absent matches everything. A trailing `*` in `target` stands for anything. */
export interface EventPattern {
  readonly thread?: string;
  /** The modelled kernel function in which it happens. */
  readonly within?: string;
  /** The operation, e.g. `kfree`. */
  readonly operation?: string;
  /** The label, e.g. `device:0000:00:05.0.*`. */
  readonly target?: string;
}

/**
 * Two events whose order decides. Of several that match, the last counts as `use`. A use without a target is one of a
 * member of what ends: each end has its own last use.
 */
export interface Deciding {
  readonly use: EventPattern;
  readonly end: EventPattern;
}

export interface Because {
  /** How often the use came before its end, after it, and in how many executions one of them did not come. */
  readonly useFirst: number;
  readonly endFirst: number;
  readonly apart: number;
  /**
   * Locks held over the use and taken on the way to the end, in every execution in which the use came first and the end
   * was another thread's.
   */
  readonly locks: readonly string[];
  /** References held over the use and dropped before the end, likewise. */
  readonly references: readonly string[];
  readonly text: string;
}

export class BecauseCollector {
  readonly #recording: Recording;
  #useFirst = 0;
  #endFirst = 0;
  #apart = 0;
  #locks: Set<string> | null = null;
  #references: Set<string> | null = null;
  /** What orders some meeting, where nothing orders all. */
  readonly #sometimes = new Set<string>();

  constructor(
    world: World,
    private readonly deciding: Deciding,
  ) {
    this.#recording = new Recording(world);
  }

  get recording(): Recording {
    return this.#recording;
  }

  /** The search began anew. */
  startOver(): void {
    this.#useFirst = this.#endFirst = this.#apart = 0;
    this.#locks = this.#references = null;
  }

  /** Takes in an execution at its end. */
  observe(view: ExecutionView): void {
    if (view.ending === 'redundant') return;
    const { events } = this.#recording;
    let met = false;
    for (const end of events) {
      if (!matches(end, this.deciding.end)) continue;
      const use = events.findLast((event) => isUse(event, this.deciding.use, end));
      if (use === undefined) continue;
      met = true;
      this.#meeting(view, use, end);
    }
    if (!met) this.#apart++;
  }

  #meeting(view: ExecutionView, use: RecordedEvent, end: RecordedEvent): void {
    if (use.at > end.at) {
      this.#endFirst++;
      return;
    }
    this.#useFirst++;
    // Whoever does both does them in this order anyway.
    if (use.fiber === end.fiber) return;
    const { locks, references } = orderedBy(view, this.#recording.events, use, end);
    for (const one of [...locks, ...references]) this.#sometimes.add(one);
    this.#locks = intersect(this.#locks, locks);
    this.#references = intersect(this.#references, references);
  }

  result(): Because {
    const locks = [...(this.#locks ?? [])].sort();
    const references = [...(this.#references ?? [])].sort();
    const counts = { useFirst: this.#useFirst, endFirst: this.#endFirst, apart: this.#apart };
    const sometimes = [...this.#sometimes].sort();
    return { ...counts, locks, references, text: textOf(counts, locks, references, sometimes) };
  }
}

function textOf(
  { useFirst, endFirst, apart }: Pick<Because, 'useFirst' | 'endFirst' | 'apart'>,
  locks: readonly string[],
  references: readonly string[],
  sometimes: readonly string[],
): string {
  if (useFirst === 0 && endFirst === 0) return 'the deciding events never both came';
  if (useFirst > 0 && endFirst > 0)
    return `both orders ran: use first ${useFirst} times, end first ${endFirst} times`;
  const rest =
    apart === 0 ? '' : `; in ${apart} ${apart === 1 ? 'execution' : 'executions'} one of them does not come`;
  if (useFirst === 0) return `the end comes first all ${endFirst} times${rest}`;
  const held = [
    ...locks.map((lock) => `${lock} is held over the use and taken on the way to the end`),
    ...references.map((reference) => `a reference on ${reference} is held over the use`),
  ];
  const why = held.length > 0 ? held.join('; ') : alternatives(sometimes);
  return `the use comes first all ${useFirst} times: ${why}${rest}`;
}

function alternatives(sometimes: readonly string[]): string {
  return sometimes.length === 0
    ? 'by the order within one thread'
    : `now one holds, now another: ${sometimes.join(', ')}`;
}

function matches(event: RecordedEvent, pattern: EventPattern): boolean {
  if (event.kind !== 'operation' && event.kind !== 'access') return false;
  if (pattern.thread !== undefined && event.fiber !== pattern.thread) return false;
  if (pattern.within !== undefined && event.within !== pattern.within) return false;
  if (pattern.operation !== undefined && event.name !== pattern.operation) return false;
  const { target } = pattern;
  if (target === undefined) return true;
  return target.endsWith('*') ? event.target.startsWith(target.slice(0, -1)) : event.target === target;
}

function isUse(event: RecordedEvent, pattern: EventPattern, end: RecordedEvent): boolean {
  if (!matches(event, pattern)) return false;
  return pattern.target !== undefined || event.target.startsWith(`${end.target}.`);
}

/** What one fiber holds over `use`, lets go of afterwards, and the other takes or drops before `end`. */
function orderedBy(
  view: ExecutionView,
  events: readonly RecordedEvent[],
  use: RecordedEvent,
  end: RecordedEvent,
): { locks: Set<string>; references: Set<string> } {
  const locks = new Set<string>();
  const references = new Set<string>();
  const operations = events.filter((event) => event.kind === 'operation' && event.at <= end.at);
  for (const release of operations) {
    if (release.fiber !== use.fiber || release.at <= use.at) continue;
    const later = operations.find(
      (event) => event.at > release.at && event.fiber === end.fiber && event.target === release.target,
    );
    if (later === undefined) continue;
    const mine = firstKind(view.accessesOf(release.at));
    const theirs = firstKind(view.accessesOf(later.at));
    if (isUnlock(mine) && isLock(theirs)) {
      if (heldAt(operations, use, release.target)) locks.add(release.target);
    } else if (release.name === 'put' && later.name === 'put') references.add(release.target);
  }
  return { locks, references };
}

/** Whether the user of `use` took the lock before the use and had not let go of it. */
function heldAt(operations: readonly RecordedEvent[], use: RecordedEvent, lock: string): boolean {
  const latest = operations.findLast(
    (event) => event.fiber === use.fiber && event.at <= use.at && event.target === lock,
  );
  return latest?.held.includes(latest.targetClass) === true;
}

function firstKind(accesses: Accesses): number {
  return accesses[1] ?? AccessKind.READ;
}

function isLock(kind: number): boolean {
  return kind === AccessKind.LOCK || kind === AccessKind.READ_LOCK || kind === AccessKind.TRY_LOCK;
}

function isUnlock(kind: number): boolean {
  return kind === AccessKind.UNLOCK || kind === AccessKind.READ_UNLOCK;
}

function intersect(known: Set<string> | null, more: Set<string>): Set<string> {
  return known === null ? more : new Set([...known].filter((one) => more.has(one)));
}
