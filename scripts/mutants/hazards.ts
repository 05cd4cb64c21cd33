/**
 * Searches the scenarios of the hazards that are named as arguments and prints, as JSON, where one is reachable that is
 * not by the committed results. Bundled together with one patched source file by run.mjs.
 */
import { exploreAll, HAZARD_RESULTS, outcomeOf } from '@iommu-lab/comparison';
import { type ExploreResult, scenarios } from '@iommu-lab/conformance';

/** A mutant shows itself within a few executions. */
const ENOUGH = 100;

const wanted = process.argv.slice(2);

function isKnown({ scenario, variant, era }: ExploreResult): boolean {
  return HAZARD_RESULTS.some(
    (one) =>
      one.scenario === scenario &&
      one.variant === variant &&
      one.era === era &&
      outcomeOf(one) === 'reachable',
  );
}

const chosen = scenarios().filter(({ hazard }) => hazard !== undefined && wanted.includes(hazard.id));
const { results } = exploreAll({ scenarios: chosen, engine: 'optimal', maxExecutions: ENOUGH });
const red = results
  .filter((result) => result.violations.some(({ sought }) => sought) && !isKnown(result))
  .map(
    ({ hazard, scenario, variant, era }) =>
      `hazard ${hazard} ${scenario} on ${variant ?? 'any design'} at ${era}`,
  );
process.stdout.write(JSON.stringify(red));
