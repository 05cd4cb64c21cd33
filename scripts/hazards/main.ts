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
import { exploreAll, exploreReport, hazardResults, VARIANTS } from '@iommu-lab/comparison';
import { type ExploreResult, hazards, scenarioNamed, scenarios } from '@iommu-lab/conformance';

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
  const { results } = exploreAll({ scenarios: [scenarioNamed(request.scenario, 'hazards')] });
  if (request.stop === undefined) return results;
  const shown = results.flatMap(({ violations }) => violations).find(({ sought }) => sought);
  return shown?.token ?? null;
}

const request: Request = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(answerTo(request)));
