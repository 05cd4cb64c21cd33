/** How many executions and steps a second each engine makes, on programs of about 30 and about 150 events. */
import { type Engine, type Exploration, explore, type Program } from '../src/index';
import { fibBench } from '../test/programs/fib-bench';
import { lastzero } from '../test/programs/lastzero';
import { FORMS, type Form, thread } from '../test/programs/thread';

/** The form of the thread's scenario with this id. */
export function formOf(id: string): Form {
  const form = FORMS.find((one) => one.id === id);
  if (form === undefined) throw new Error(`the thread's scenario has no form ${id}`);
  return form;
}

/** What is measured; the target is for executions a second of `optimal` and `source`. */
export interface Measured {
  readonly build: () => Program;
  readonly targets: Partial<Record<Engine, number>>;
}

const SHORT = { optimal: 50_000, source: 50_000 };
const LONG = { optimal: 20_000, source: 25_000 };

export const PROGRAMS: readonly Measured[] = [
  { build: () => fibBench(4), targets: SHORT },
  { build: () => lastzero(10), targets: SHORT },
  { build: () => thread(formOf('group'), { opens: 3, probes: 3 }), targets: LONG },
];

export const ENGINES: readonly Engine[] = ['optimal', 'source', 'bounded', 'random'];

/** Executions of one measurement; a program with fewer is measured whole. */
const EXECUTIONS = 4000;

/** One engine on one program: medians over the rounds. */
export interface Rate {
  readonly program: string;
  readonly engine: Engine;
  /** Steps of the longest execution. */
  readonly events: number;
  /** Executions that came to an end of their own: a second by the clock, and for each second of a core. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly stepsPerCpuSecond: number;
  /** Steps that no earlier execution had made in the same order, among all. */
  readonly newSteps: number;
  /** Executions that were given up because an equivalent one, or a known state, was met; among all. */
  readonly givenUp: number;
  /** Executions for each second that this process had a core; null where there is none. */
  readonly target: number | null;
}

interface Sample {
  readonly result: Exploration;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Measures every engine on every program, `rounds` times in turn, after one round that does not count. */
export function rates(rounds: number): Rate[] {
  const pairs = PROGRAMS.flatMap((measured) => ENGINES.map((engine) => ({ ...measured, engine })));
  const samples = pairs.map((): Sample[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, { build, engine }] of pairs.entries()) {
      const sample = measure(build(), engine);
      if (round >= 0) samples[index]?.push(sample);
    }
  }
  return pairs.map(({ engine, targets }, index) =>
    summary(engine, targets[engine] ?? null, samples[index] ?? []),
  );
}

function measure(program: Program, engine: Engine): Sample {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = explore(program, { engine, maxExecutions: EXECUTIONS });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { result, seconds, cpuSeconds: (user + system) / 1e6 };
}

function summary(engine: Engine, target: number | null, samples: readonly Sample[]): Rate {
  const { result } = samples[0] as Sample;
  const { executions, redundant } = result;
  return {
    program: result.program,
    engine,
    events: result.deepest,
    perSecond: executions / median(samples.map(({ seconds }) => seconds)),
    perCpuSecond: executions / median(samples.map(({ cpuSeconds }) => cpuSeconds)),
    stepsPerCpuSecond: result.steps / median(samples.map(({ cpuSeconds }) => cpuSeconds)),
    newSteps: result.newSteps / result.steps,
    givenUp: redundant / (executions + redundant),
    target,
  };
}

/** The middle one of several numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
