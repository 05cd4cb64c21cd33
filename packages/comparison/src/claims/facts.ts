/** Runs what claims ask for. */
import {
  Benches,
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
  const program = scenarioProgram(scenarioNamed(id, 'a claim'), findVariant(variant), { era });
  const { verdict, executions, findings } = explore(program, { maxExecutions: MOST_EXECUTIONS });
  const violations = findings.map((finding) => shown(program, finding, form !== undefined));
  return { verdict, executions, violations };
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
  const benches = new Benches();
  const variant = findVariant(variantId);
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
