/**
 * Every interleaving of a program, one by one and without any reduction, and what came of each. The measure for the
 * engines: it shares with them only that an execution can be started and stepped.
 */
import { Execution, type Program, type Violation } from '../../src/index';
import { TraceKey } from './trace-key';

/** A program that can say what its threads saw in the latest execution and what they left behind. */
export interface Subject {
  readonly program: Program;
  readonly outcome: () => string;
}

/** What a set of executions amounts to. */
export interface Explored {
  readonly executions: number;
  /** How often each trace was run. */
  readonly traces: ReadonlyMap<string, number>;
  /** What can come of the program: observed values, final state, violations and how it ended. */
  readonly outcomes: ReadonlySet<string>;
  /** Traces of which two executions had different outcomes: empty, if steps that are said to commute do. */
  readonly ambiguous: readonly string[];
}

/** Collects executions. */
class Collector {
  executions = 0;
  readonly traces = new Map<string, number>();
  readonly outcomes = new Set<string>();
  readonly ambiguous: string[] = [];
  readonly #outcomeOf = new Map<string, string>();

  add(trace: string, outcome: string): void {
    this.executions++;
    this.traces.set(trace, (this.traces.get(trace) ?? 0) + 1);
    this.outcomes.add(outcome);
    const known = this.#outcomeOf.get(trace);
    if (known === undefined) this.#outcomeOf.set(trace, outcome);
    else if (known !== outcome) this.ambiguous.push(trace);
  }
}

/** Runs one subject again and again. */
class Runner {
  readonly execution: Execution;
  readonly key: TraceKey;

  constructor(readonly subject: Subject) {
    this.execution = new Execution(subject.program);
    this.key = new TraceKey(this.execution.fibers.length);
  }

  start(): void {
    this.execution.start();
    this.key.clear();
  }

  step(fiber: number): void {
    this.execution.step(fiber);
    this.key.add(fiber, (this.execution.fibers[fiber] as Execution['fibers'][number]).performed);
  }

  /** What came of the execution. Precondition: no fiber can go on. */
  outcome(): string {
    const { program, outcome } = this.subject;
    const stuck = this.execution.fibers.filter((fiber) => !fiber.finished);
    if (stuck.length === 0) program.atEnd?.();
    const ending = stuck.length === 0 ? 'ended' : `stuck ${stuck.map((fiber) => fiber.name).join(' ')}`;
    const violations = program.world.violations.map(described);
    return [ending, outcome(), ...violations.sort()].join('; ');
  }
}

/**
 * A violation without what belongs to the interleaving: when it was, and of several references taken from zero, who
 * took the first. (Increments count as commuting, and only the first one finds the zero.)
 */
function described({ kind, fiber, object }: Violation): string {
  return kind === 'refcount' ? `${kind} ${object}` : `${kind} ${object} ${fiber}`;
}

/** All interleavings. */
export function allInterleavings(subject: Subject): Explored {
  const { world } = subject.program;
  for (;;) {
    const known = world.shared.size;
    const explored = eachInterleaving(subject);
    // An access without its lock makes accesses with it count, in the executions before it too.
    if (world.shared.size === known) return explored;
  }
}

function eachInterleaving(subject: Subject): Explored {
  const runner = new Runner(subject);
  const { execution } = runner;
  const collector = new Collector();
  // For each depth, who is still to be tried there; its lowest bit is the one that is being tried.
  const untried: number[] = [];
  try {
    do {
      runner.start();
      for (let depth = 0; ; depth++) {
        const enabled = execution.enabled();
        if (enabled === 0) break;
        if (depth === untried.length) untried.push(enabled);
        runner.step(lowest(untried[depth] as number));
      }
      collector.add(runner.key.toString(), runner.outcome());
    } while (advance(untried));
    return collector;
  } finally {
    execution.finish();
  }
}

/** Goes on to the next interleaving. @returns false when there is none */
function advance(untried: number[]): boolean {
  for (let last = untried.pop(); last !== undefined; last = untried.pop()) {
    const rest = last & (last - 1);
    if (rest === 0) continue;
    untried.push(rest);
    return true;
  }
  return false;
}

function lowest(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

/**
 * What comes of given schedules.
 * @throws Error for a schedule that runs a fiber that cannot go on, or ends while one can
 */
export function runSchedules(subject: Subject, schedules: Iterable<readonly number[]>): Explored {
  const runner = new Runner(subject);
  const { execution } = runner;
  const collector = new Collector();
  try {
    for (const schedule of schedules) {
      runner.start();
      for (const fiber of schedule) {
        if (((execution.enabled() >> fiber) & 1) === 0) throw new Error(`schedule ${schedule} cannot be run`);
        runner.step(fiber);
      }
      if (execution.enabled() !== 0) throw new Error(`schedule ${schedule} is no whole execution`);
      collector.add(runner.key.toString(), runner.outcome());
    }
    return collector;
  } finally {
    execution.finish();
  }
}
