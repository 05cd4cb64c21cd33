/**
 * The searches of the hazards, in a process of their own, bundled by run.mjs, for a witness together with a changed
 * source. Reads its request from standard input and prints its answer, both as JSON.
 *
 *   { "list": true }                          the scenarios of each hazard that is judged, and its mutants
 *   { "scenario": ID }                        results on all designs and eras
 *   { "scenario": ID, "stop": true }          the first token that shows the hazard, or null
 *   { "results": [...] }                      what is committed
 */
import { readFileSync } from 'node:fs';
import { exploreAll, exploreJobs, exploreReport, hazardResults, VARIANTS } from '@iommu-lab/comparison';
import {
  type ExploreResult,
  exploreScenario,
  hazards,
  type Scenario,
  scenarioNamed,
  scenarios,
} from '@iommu-lab/conformance';

/** Executions after which the search for a witness goes on to the next design. */
const ENOUGH = 100;

type Request =
  | { readonly list: true }
  | { readonly scenario: string; readonly stop?: true }
  | { readonly results: readonly ExploreResult[] };

function answerTo(request: Request): unknown {
  if ('list' in request) {
    const all = scenarios();
    return hazards().map(({ id, mutants = [] }) => ({
      id,
      mutants,
      scenarios: all.filter(({ hazard }) => hazard?.id === id).map((scenario) => scenario.id),
    }));
  }
  if ('results' in request) return hazardResults(exploreReport(request.results).results, VARIANTS);
  const scenario = scenarioNamed(request.scenario, 'hazards');
  if (request.stop === undefined) return exploreAll({ scenarios: [scenario] }).results;
  return firstToken(scenario);
}

/** The token of the first design and era that show the hazard within a few executions, or null. */
function firstToken(scenario: Scenario): string | null {
  const search = { engine: 'optimal', maxExecutions: ENOUGH } as const;
  for (const { variant, era } of exploreJobs([scenario], VARIANTS)) {
    const at = era === undefined ? {} : { era };
    const { violations } = exploreScenario(scenario, variant, { ...search, ...at });
    const shown = violations.find(({ sought, token }) => sought && token !== null);
    if (shown !== undefined) return shown.token;
  }
  return null;
}

const request: Request = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(answerTo(request)));
