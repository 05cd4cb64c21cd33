/**
 * Holds what steps declare against what they touch, on some designs, and prints what is red, as JSON: one line for each
 * scenario and rule. Ends with the first scenario that is red. Bundled together with one patched source file by run.mjs.
 */
import { VARIANTS } from '@iommu-lab/comparison';
import type { Variant } from '@iommu-lab/kernel';
import { dependent } from '../../packages/comparison/test/soundness/dependency';
import { Swapper, undeclaredTouches } from '../../packages/comparison/test/soundness/executions';
import { SCENARIOS, scenarioProgram } from '../../packages/comparison/test/soundness/scenarios';
import type { UnitBehaviour } from '../../packages/comparison/test/soundness/setup';

const SEEDS = [1, 2, 3];
const BEHAVIOURS: readonly UnitBehaviour[] = ['hardware', 'qemu-7.2'];
/** One design that allocates from the group and one that holds a device pointer. */
const DESIGNS = VARIANTS.filter(({ id }) => id === 'group-alloc/one-step' || id === 'device/raw');
const SHARE_SWAPPED = 0.5;

function redIn(name: string, variant: Variant, behaviour: UnitBehaviour): string[] {
  const where = `${name} on ${variant.id} (${behaviour})`;
  try {
    const scenario = scenarioProgram(name, variant, 'debian-6.12-intel', behaviour);
    const undeclared = SEEDS.flatMap((seed) => undeclaredTouches(scenario, seed));
    if (undeclared.length > 0) return [`declared: ${where}: ${undeclared[0]}`];
    const swapper = new Swapper(scenario);
    const faults = SEEDS.flatMap((seed) =>
      swapper.faults(seed, (one, other) => !dependent(one, other), SHARE_SWAPPED),
    );
    swapper.stop();
    return faults.length > 0 ? [`swapped: ${where}: ${faults[0]}`] : [];
  } catch (error) {
    return [`cannot run: ${where}: ${error instanceof Error ? error.message : error}`];
  }
}

function firstRed(): string[] {
  for (const variant of DESIGNS) {
    for (const name of SCENARIOS) {
      for (const behaviour of BEHAVIOURS) {
        const red = redIn(name, variant, behaviour);
        if (red.length > 0) return red;
      }
    }
  }
  return [];
}

process.stdout.write(JSON.stringify(firstRed()));
