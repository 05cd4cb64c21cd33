/** At which kernels a scenario can be run. */
import { eraOfScenario, InputError, type Scenario } from '@iommu-lab/conformance';
import { type EraId, eraIds } from '@iommu-lab/kernel';

/** The eras that can be put on the scenario's machine, its own first. */
export function erasOf(scenario: Scenario): EraId[] {
  const own = eraOfScenario(scenario);
  return [own, ...eraIds().filter((era) => era !== own && canRunAt(scenario, era))];
}

function canRunAt(scenario: Scenario, era: EraId): boolean {
  try {
    return eraOfScenario(scenario, era) === era;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
