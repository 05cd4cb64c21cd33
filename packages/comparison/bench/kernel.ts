/** Searches over the whole kernel model: SET_IOMMU against the removal of a device, in two designs. */
import { scenarioNamed, scenarioProgram } from '@iommu-lab/conformance';
import { type Engine, type Exploration, explore, type Program } from '@iommu-lab/explorer';
import { findVariant } from '../src/index';

export interface Search {
  readonly scenario: string;
  readonly variant: string;
  readonly engine: Engine;
}

const UNDRIVEN = 'set-iommu-vs-remove-undriven-member';
const BRIDGE = 'set-iommu-vs-bridge-removal';

export const SEARCHES: readonly Search[] = [
  { scenario: UNDRIVEN, variant: 'device/raw', engine: 'optimal' },
  { scenario: UNDRIVEN, variant: 'device/raw', engine: 'source' },
  { scenario: UNDRIVEN, variant: 'device/raw', engine: 'random' },
  { scenario: BRIDGE, variant: 'group-alloc/one-step', engine: 'optimal' },
  { scenario: BRIDGE, variant: 'group-alloc/one-step', engine: 'source' },
  { scenario: BRIDGE, variant: 'group-alloc/one-step', engine: 'random' },
];

/** Executions of one measurement; a search with fewer is measured whole. */
const EXECUTIONS = 2000;

/** One search: medians over the rounds. */
export interface KernelRate extends Search {
  readonly verdict: Exploration['verdict'];
  readonly executions: number;
  readonly events: number;
  /** Milliseconds to boot the system and to perform the set-up, by the clock. */
  readonly bootMs: number;
  /** Executions that came to an end of their own: a second by the clock, and for each second of a core. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly stepsPerCpuSecond: number;
  readonly newSteps: number;
}

interface Sample {
  readonly result: Exploration;
  readonly bootMs: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Measures every search `rounds` times in turn, after one round that does not count. */
export function kernelRates(rounds: number): KernelRate[] {
  const samples = SEARCHES.map((): Sample[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, search] of SEARCHES.entries()) {
      const sample = measure(search, EXECUTIONS);
      if (round >= 0) samples[index]?.push(sample);
    }
  }
  return SEARCHES.map((search, index) => summary(search, samples[index] as Sample[]));
}

function programOf({ scenario, variant }: Search): Program {
  return scenarioProgram(scenarioNamed(scenario, 'the bench'), findVariant(variant));
}

/** How long the bounded search takes to its first finding, its code compiled on the way. */
export interface FirstFinding {
  readonly scenario: string;
  readonly variant: string;
  readonly kind: string;
  readonly executions: number;
  /** Milliseconds of the search, by the clock and of a core. */
  readonly searchMs: number;
  readonly cpuMs: number;
}

/** Precondition: nothing was searched in this process before, or the figure says nothing about a new one. */
export function firstFinding(): FirstFinding {
  const search: Search = { scenario: UNDRIVEN, variant: 'device/raw', engine: 'bounded' };
  const program = programOf(search);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { findings, executions } = explore(program, { engine: search.engine, stopAtFirst: true });
  const searchMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const [found] = findings;
  if (found === undefined) throw new Error(`nothing found in ${search.scenario} on ${search.variant}`);
  const { scenario, variant } = search;
  return { scenario, variant, kind: found.kind, executions, searchMs, cpuMs: (user + system) / 1000 };
}

/** Where the time of random executions goes, in shares of it by the clock. */
export interface Shares {
  readonly scenario: string;
  readonly variant: string;
  /** The steps of the threads, and all that is said of none of the others. */
  readonly steps: number;
  /** Invariants after each step. */
  readonly invariants: number;
  /** What is done when the threads have ended: processes exit, what root changed is put back, the audit. */
  readonly end: number;
  /** Back to the initial state. */
  readonly restore: number;
}

/** Runs random executions with a clock around their parts, after as many that do not count. */
export function shares(search: Search, executions: number): Shares {
  const program = programOf(search);
  const { world } = program;
  const spent = { invariants: 0, end: 0, restore: 0 };
  let inside = false;
  const clocked = (part: keyof typeof spent, work: () => void): void => {
    if (inside) {
      work();
      return;
    }
    inside = true;
    const start = performance.now();
    work();
    spent[part] += performance.now() - start;
    inside = false;
  };
  const checkInvariants = world.checkInvariants.bind(world);
  const restore = world.restore.bind(world);
  world.checkInvariants = () => clocked('invariants', checkInvariants);
  world.restore = (checkpoint) => clocked('restore', () => restore(checkpoint));
  const timed: Program = { ...program, atEnd: () => clocked('end', () => program.atEnd?.()) };
  explore(timed, { engine: 'random', maxExecutions: executions });
  spent.invariants = spent.end = spent.restore = 0;
  const start = performance.now();
  explore(timed, { engine: 'random', maxExecutions: executions });
  const total = performance.now() - start;
  const { invariants, end } = spent;
  const rest = total - invariants - end - spent.restore;
  return {
    scenario: search.scenario,
    variant: search.variant,
    steps: rest / total,
    invariants: invariants / total,
    end: end / total,
    restore: spent.restore / total,
  };
}

/** Runs one search. @param maxExecutions where it ends at the latest */
function measure(search: Search, maxExecutions: number): Sample {
  const boot = performance.now();
  const program = programOf(search);
  const bootMs = performance.now() - boot;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = explore(program, { engine: search.engine, maxExecutions });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { result, bootMs, seconds, cpuSeconds: (user + system) / 1e6 };
}

function summary(search: Search, samples: readonly Sample[]): KernelRate {
  const { verdict, executions, deepest, steps, newSteps } = (samples[0] as Sample).result;
  const cpuSeconds = median(samples.map((sample) => sample.cpuSeconds));
  return {
    ...search,
    verdict,
    executions,
    events: deepest,
    bootMs: median(samples.map((sample) => sample.bootMs)),
    perSecond: executions / median(samples.map((sample) => sample.seconds)),
    perCpuSecond: executions / cpuSeconds,
    stepsPerCpuSecond: steps / cpuSeconds,
    newSteps: newSteps / steps,
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}
