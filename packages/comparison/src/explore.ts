/** Scenarios over variants: what is to be explored, and the report of what came of it. */
import {
  scenarios as allScenarios,
  type ExploreReport,
  type ExploreResult,
  type ExploreScenarioOptions,
  exploreScenario,
  type Scenario,
  SUITE_VERSION,
} from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import { VARIANTS } from './registry';

/** One exploration: a scenario on a variant. */
export interface ExploreJob {
  readonly scenario: Scenario;
  readonly variant: Variant;
}

export interface ExploreOptions extends ExploreScenarioOptions {
  /** Default: every scenario that comes with the suite. */
  readonly scenarios?: readonly Scenario[];
  /** Default: every built-in variant. */
  readonly variants?: readonly Variant[];
}

/** Every scenario on every variant. A hazard of the kernel's runs once, on the first of the variants. */
export function exploreJobs(scenarios: readonly Scenario[], variants: readonly Variant[]): ExploreJob[] {
  return scenarios.flatMap((scenario) => {
    const judged = scenario.hazard?.varies === 'kernel' ? variants.slice(0, 1) : variants;
    return judged.map((variant) => ({ scenario, variant }));
  });
}

/**
 * The results with their witnesses: where the same threads fail in another variant, its token stands beside every
 * result that found nothing. It shows that the scenario can fail at all.
 */
export function exploreReport(
  scenarios: readonly Scenario[],
  results: readonly ExploreResult[],
): ExploreReport {
  const witnessed = results.map((result) => {
    if (result.violations.length > 0) return result;
    const sought = scenarios.find(({ id }) => id === result.scenario)?.looksFor;
    const alike = results.filter((one) => one.scenario === result.scenario && one.era === result.era);
    const shown = alike.flatMap((one) => one.violations).filter(({ token }) => token !== null);
    const witness = shown.find(({ kind }) => sought === undefined || kind === sought);
    return { ...result, witness: witness?.token ?? null };
  });
  return { suite: SUITE_VERSION, results: witnessed };
}

/** Whether no result has a violation, and no two engines disagree. */
export function exploreHolds({ results }: ExploreReport): boolean {
  return results.every(({ violations, agreement }) => violations.length === 0 && agreement?.agree !== false);
}

/** Explores one after the other. Runs in any runtime; deterministic. @throws InputError as `exploreScenario` does */
export function exploreAll(options: ExploreOptions = {}): ExploreReport {
  const { scenarios = allScenarios(), variants = VARIANTS, ...search } = options;
  const results = exploreJobs(scenarios, variants).map(({ scenario, variant }) =>
    exploreScenario(scenario, variant, search),
  );
  return exploreReport(scenarios, results);
}
