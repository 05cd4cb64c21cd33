/** Runs what claims ask for. */
import {
  Bench,
  Benches,
  type Case,
  InputError,
  Interpreter,
  observeTraffic,
  type Profile,
  profile,
  profileOfEra,
  type ScenarioProgram,
  type Step,
  type StepAnswer,
  scenarioNamed,
  scenarioProgram,
  trafficWorkloads,
  workloads,
} from '@iommu-lab/conformance';
import {
  canonicalHash,
  counterexampleOf,
  explore,
  type Finding,
  type Op,
  type Program,
  type TraceEvent,
} from '@iommu-lab/explorer';
import type { EraId, Variant } from '@iommu-lab/kernel';
import { findVariant } from '../registry';
import type {
  Fact,
  Need,
  ProbeFact,
  ProbeNeed,
  SearchFact,
  SearchNeed,
  ShownViolation,
  TrafficFact,
  TrafficNeed,
  WorkloadFact,
  WorkloadNeed,
} from './claim';
import { PROBES } from './probes';
import { stallFact } from './stall';

/** Enough for every scenario that claims name; where it is not, the verdict says BOUNDED. */
const MOST_EXECUTIONS = 20_000;
const SHRINK_BUDGET = 200;
/** The machine of probes and of traffic. */
const USUAL_MACHINE = 'debian-6.12-intel';

/** @throws InputError for a scenario, workload, probe or variant that is not there */
export function factOf(need: Need, era: EraId): Fact {
  if ('workloads' in need) return workloadFact(need, era);
  if ('stall' in need) return stallFact(programOf(need.stall, need.variant, era));
  if ('probe' in need) return probeFact(need, era);
  return 'traffic' in need ? trafficFact(need, era) : searchFact(need, era);
}

function programOf(scenario: string, variant: string, era: EraId): ScenarioProgram {
  return scenarioProgram(scenarioNamed(scenario, 'a claim'), findVariant(variant), { era });
}

function searchFact({ scenario, variant, form }: SearchNeed, era: EraId): SearchFact {
  const program = programOf(scenario, variant, era);
  const observer = new Observer(program);
  const { verdict, executions, findings } = explore(observer.observed, {
    maxExecutions: MOST_EXECUTIONS,
    observe: ({ ending, violations }) => {
      if (ending !== 'redundant') observer.take(violations.map(({ kind }) => kind));
    },
  });
  const { outcomes, leftMeanwhile } = observer.end();
  const violations = findings.map((finding) => shown(program, finding, form !== undefined));
  return { verdict, executions, violations, outcomes, leftMeanwhile };
}

/** Notes of each execution what its threads were answered, and when a member left its group. */
class Observer {
  /** The program, with threads that tell what they return. */
  readonly observed: Program;
  readonly #outcomes = new Set<string>();
  readonly #answers = new Map<string, unknown>();
  #left = -1;
  #first = -1;
  #last = -1;
  #leftMeanwhile = 0;

  constructor(private readonly program: ScenarioProgram) {
    const { world, threads } = program;
    const answers = this.#answers;
    this.observed = {
      ...program,
      threads: threads.map((thread) => ({
        ...thread,
        *body(): Op<unknown> {
          const answer = yield* thread.body();
          answers.set(thread.name, answer);
          return answer;
        },
      })),
    };
    const first = threads[0]?.name;
    world.listensToLocals = true;
    world.listener = (event) => this.#see(event, first);
  }

  #see({ kind, name, fiber, target, within, step }: TraceEvent, first: string | undefined): void {
    const isStep = kind === 'operation';
    if (isStep && fiber === first) {
      if (this.#first < 0) this.#first = step;
      this.#last = step;
    }
    const leaves = name === 'store' && within === 'iommu_release_device';
    if (leaves && /^iommu_group:.*\.devices$/.test(target)) this.#left = step;
  }

  /** An execution is over. */
  take(violations: readonly string[]): void {
    const answers = [...this.#answers].sort();
    this.#outcomes.add(JSON.stringify([answers, [...new Set(violations)].sort()]));
    if (this.#first >= 0 && this.#left > this.#first && this.#left < this.#last) this.#leftMeanwhile++;
    this.#answers.clear();
    this.#left = this.#first = this.#last = -1;
  }

  end(): Pick<SearchFact, 'outcomes' | 'leftMeanwhile'> {
    const { world } = this.program;
    world.listener = null;
    world.listensToLocals = false;
    return { outcomes: [...this.#outcomes].sort(), leftMeanwhile: this.#leftMeanwhile };
  }
}

function shown(program: Program, finding: Finding, isForm: boolean): ShownViolation {
  const { kind, object, at, kernelSilent } = finding;
  const example = counterexampleOf(program, finding, SHRINK_BUDGET);
  const deviations = example?.deviations.length ?? 0;
  const note = kernelSilent === undefined ? {} : { kernelSilent };
  return { kind, object, at, token: isForm ? null : (example?.token ?? null), deviations, ...note };
}

/** The workloads of one era in which nothing is unplugged. */
function workloadFact({ variant: id }: WorkloadNeed, era: EraId): WorkloadFact {
  const chosen = workloads().filter((one) => profile(one.profile).era === era && !unplugs(one));
  const benches = new Benches();
  const variant = findVariant(id);
  const answers = chosen.map((one) => [one.id, answersTo(one, variant, benches)]);
  const steps = chosen.reduce((sum, one) => sum + one.steps.length, 0);
  return { cases: chosen.length, steps, answers: String(canonicalHash(JSON.stringify(answers))) };
}

function unplugs({ steps }: Case): boolean {
  return steps.some(({ op }) => op === 'sysfs.remove' || op === 'sysfs.unbind' || op === 'module.unload');
}

function answersTo({ profile: id, steps }: Case, variant: Variant, benches: Benches): unknown[] {
  const bench = benches.of(id, variant);
  try {
    const interpreter = new Interpreter(bench);
    return steps.map((step) => interpreter.run(step));
  } finally {
    bench.reset();
  }
}

function machineAt(era: EraId): Profile {
  return profileOfEra(profile(USUAL_MACHINE), era, 'a claim');
}

function probeFact({ probe: id, variant }: ProbeNeed, era: EraId): ProbeFact {
  const probe = PROBES[id];
  if (probe === undefined) throw new InputError(`there is no probe "${id}"`, { source: 'a claim' });
  const interpreter = new Interpreter(Bench.boot(machineAt(era), findVariant(variant)));
  const answers: Record<string, number | string> = {};
  for (const { asked, ...step } of probe.steps) {
    const answer = interpreter.run(step as Step);
    if (asked !== undefined) answers[asked] = inShort(answer);
  }
  return { answers };
}

function inShort({ ret, errno, blocked, oops }: StepAnswer): number | string {
  if (blocked === true) return 'blocked';
  return errno ?? (oops === undefined ? (ret ?? 0) : oops.kind);
}

function trafficFact({ traffic: id, variant }: TrafficNeed, era: EraId): TrafficFact {
  const workload = trafficWorkloads().find((one) => one.id === id);
  if (workload === undefined)
    throw new InputError(`there is no traffic workload "${id}"`, { source: 'a claim' });
  const machine = machineAt(era);
  const design = findVariant(variant);
  const { failed, devices } = observeTraffic(workload, design, machine, Bench.boot(machine, design));
  return {
    failed: failed.map(
      ({ op, errno, ...rest }) => `${op} ${errno}${'nowOn' in rest ? `, now on ${rest.nowOn}` : ''}`,
    ),
    left: devices.map(({ attached, domain }) => `${attached}/${domain}`),
  };
}
