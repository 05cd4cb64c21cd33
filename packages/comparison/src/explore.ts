/** Scenarios over variants: what is to be explored, and the report of what came of it. */
import {
  scenarios as allScenarios,
  type ExploreReport,
  type ExploreResult,
  type ExploreScenarioOptions,
  eraOfScenario,
  exploreScenario,
  hazards,
  type Scenario,
  SUITE_VERSION,
} from '@iommu-lab/conformance';
import type { EraId, Variant } from '@iommu-lab/kernel';
import { VARIANTS } from './registry';
import { erasOf } from './scenario-eras';

/** One exploration: a scenario on a variant, at the era that is asked for or else the scenario's own. */
export interface ExploreJob {
  readonly scenario: Scenario;
  readonly variant: Variant;
  readonly era?: EraId;
}

export interface ExploreOptions extends ExploreScenarioOptions {
  /** Default: every scenario that comes with the suite. */
  readonly scenarios?: readonly Scenario[];
  /** Default: every built-in variant. */
  readonly variants?: readonly Variant[];
}

/**
 * Every scenario on every variant, at `era`, or at each era at which its hazard is judged. A hazard of the kernel's runs
 * once an era, on the first of the variants.
 */
export function exploreJobs(
  scenarios: readonly Scenario[],
  variants: readonly Variant[],
  era?: EraId,
): ExploreJob[] {
  return scenarios.flatMap((scenario) => {
    const judged = scenario.hazard?.varies === 'kernel' ? variants.slice(0, 1) : variants;
    const eras = era === undefined ? erasJudged(scenario) : [era];
    return eras.flatMap((one) => judged.map((variant) => ({ scenario, variant, era: one })));
  });
}

/** The scenario's own era first. */
function erasJudged(scenario: Scenario): EraId[] {
  const own = eraOfScenario(scenario);
  const hazard = hazards().find(({ id }) => id === scenario.hazard?.id);
  if (hazard === undefined) return [own];
  const able = erasOf(scenario);
  return able.filter((era) => hazard.eras.includes(era));
}

/**
 * The results with their witnesses: where the same threads show the hazard in another variant, or else at another era,
 * its token stands beside every result that did not. It shows that the scenario can fail at all.
 */
export function exploreReport(results: readonly ExploreResult[]): ExploreReport {
  const witnessed = results.map((result) => {
    if (tokenOf(result) !== null) return result;
    const alike = results.filter(({ scenario }) => scenario === result.scenario);
    const [here, elsewhere] = [alike.filter(({ era }) => era === result.era), alike];
    const tokens = [...here, ...elsewhere].map(tokenOf).filter((token) => token !== null);
    return { ...result, witness: tokens[0] ?? result.witness };
  });
  return { suite: SUITE_VERSION, results: witnessed };
}

/** The first token that shows what the scenario looks for. */
function tokenOf({ violations }: ExploreResult): string | null {
  return violations.find(({ sought, token }) => sought && token !== null)?.token ?? null;
}

/** Whether no result has a violation, and no two engines disagree. */
export function exploreHolds({ results }: ExploreReport): boolean {
  return results.every(({ violations, agreement }) => violations.length === 0 && agreement?.agree !== false);
}

/** Explores one after the other. Runs in any runtime; deterministic. @throws InputError as `exploreScenario` does */
export function exploreAll(options: ExploreOptions = {}): ExploreReport {
  const { scenarios = allScenarios(), variants = VARIANTS, era, ...search } = options;
  const results = exploreJobs(scenarios, variants, era).map((job) =>
    exploreScenario(job.scenario, job.variant, {
      ...search,
      ...(job.era === undefined ? {} : { era: job.era }),
    }),
  );
  return exploreReport(results);
}
