/**
 * Runs one variant through the workloads and the scenarios, and prints the violations, as JSON: what was run, the kind
 * and the message. Bundled together with its source, changed, by run.mjs.
 */
import { findVariant } from '@iommu-lab/comparison';
import { CaseRunner, exploreScenario, scenarios, workloads } from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';

interface Violated {
  readonly by: string;
  readonly kind: string;
  readonly message: string;
}

/** Hazards of a device, a lock or a reference that goes away under the design: what a deletion can let happen. */
const HAZARDS = ['H01', 'H03', 'H16'];
/** What a search says first is enough. */
const MOST_EXECUTIONS = 200;

function inScenarios(variant: Variant): Violated[] {
  const designs = scenarios().filter(({ hazard }) => hazard === undefined || HAZARDS.includes(hazard.id));
  return designs.flatMap((scenario) => {
    const by = `scenario ${scenario.id}`;
    try {
      const options = { engine: 'optimal', maxExecutions: MOST_EXECUTIONS } as const;
      const { violations } = exploreScenario(scenario, variant, options);
      return violations.map(({ kind, message }) => ({ by, kind, message }));
    } catch (error) {
      return [{ by, kind: 'set-up', message: messageOf(error) }];
    }
  });
}

function inWorkloads(variant: Variant): Violated[] {
  let runner = new CaseRunner();
  return workloads().flatMap((one) => {
    const by = `workload ${one.profile}/${one.id}`;
    try {
      const { violations } = runner.run(one, variant);
      return violations.map(({ kind, message }) => ({ by, kind, message }));
    } catch (error) {
      runner = new CaseRunner();
      return [{ by, kind: 'oops', message: messageOf(error) }];
    }
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const variant = findVariant(process.argv[2] ?? '');
process.stdout.write(JSON.stringify([...inWorkloads(variant), ...inScenarios(variant)]));
