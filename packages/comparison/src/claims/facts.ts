/** Runs what claims ask for. */
import {
  Bench,
  type Case,
  Interpreter,
  profile,
  scenarioNamed,
  scenarioProgram,
  workloads,
} from '@iommu-lab/conformance';
import { canonicalHash, counterexampleOf, explore, type Finding, type Program } from '@iommu-lab/explorer';
import type { EraId, Variant } from '@iommu-lab/kernel';
import { findVariant } from '../registry';
import type { SearchFact, SearchNeed, ShownViolation, WorkloadFact } from './claim';

/** Enough for every scenario that claims name; where it is not, the verdict says BOUNDED. */
const MOST_EXECUTIONS = 20_000;
const SHRINK_BUDGET = 200;

/** @throws InputError for a scenario or variant that is not there */
export function searchFact({ scenario: id, variant, form }: SearchNeed, era: EraId): SearchFact {
  const scenario = scenarioNamed(id, 'a claim');
  const program = scenarioProgram(scenario, findVariant(variant), { era });
  const answers = new Set<string>();
  const { verdict, executions, because, findings } = explore(program, {
    maxExecutions: MOST_EXECUTIONS,
    ...(scenario.deciding === undefined ? {} : { deciding: scenario.deciding }),
    observe: ({ ending, results }) => {
      if (ending !== 'redundant') answers.add(JSON.stringify(results()));
    },
  });
  return {
    verdict,
    executions,
    threads: scenario.threads.length,
    violations: findings.map((finding) => shown(program, finding, form !== undefined)),
    useFirst: because?.useFirst ?? 0,
    endFirst: because?.endFirst ?? 0,
    apart: because?.apart ?? 0,
    answers: [...answers].sort(),
  };
}

function shown(program: Program, finding: Finding, isForm: boolean): ShownViolation {
  const { kind, object, at } = finding;
  const example = counterexampleOf(program, finding, SHRINK_BUDGET);
  const deviations = example?.deviations.length ?? 0;
  return { kind, object, at, token: isForm ? null : (example?.token ?? null), deviations };
}

/** The workloads of one era in which nothing is unplugged. */
export function workloadFact(variantId: string, era: EraId): WorkloadFact {
  const chosen = workloads().filter((one) => profile(one.profile).era === era && !unplugs(one));
  const systems = new Systems(findVariant(variantId));
  const answers = chosen.map((one) => [one.id, systems.answersTo(one)]);
  const steps = chosen.reduce((sum, one) => sum + one.steps.length, 0);
  return { cases: chosen.length, steps, answers: String(canonicalHash(JSON.stringify(answers))) };
}

function unplugs({ steps }: Case): boolean {
  return steps.some(({ op }) => op === 'sysfs.remove' || op === 'sysfs.unbind' || op === 'module.unload');
}

/** One system is booted for each profile. */
class Systems {
  readonly #benches = new Map<string, Bench>();

  constructor(private readonly variant: Variant) {}

  answersTo({ profile: id, steps }: Case): unknown[] {
    const bench = this.#benches.get(id) ?? Bench.boot(profile(id), this.variant);
    this.#benches.set(id, bench);
    try {
      const interpreter = new Interpreter(bench);
      return steps.map((step) => interpreter.run(step));
    } finally {
      bench.reset();
    }
  }
}
