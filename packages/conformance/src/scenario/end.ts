/**
 * What must hold when all threads of a scenario have ended: what follows is done, the processes exit, what root changed is put back, and
 * everything is as at boot. Then the state goes back to how the threads left it, so that it can be looked at.
 */
import type { Violation } from '@iommu-lab/explorer';
import type { System, Task } from '@iommu-lab/vfio';

/** Records what the threads have left behind for good as `leak`, and what goes wrong on the way as it is. */
export function endOfScenario(system: System, tasks: ReadonlySet<Task>, afterwards: () => void): void {
  const { world } = system.kernel;
  const { listener, mode } = world;
  const checkpoint = system.checkpoint();
  const known = world.violations.length;
  world.listener = null;
  world.mode = 'ordinary';
  afterwards();
  for (const task of tasks) if (!task.exited) system.exit(task);
  const left = [...system.restoreBoot(), ...system.audit()];
  const violations: Violation[] = world.violations.slice(known);
  world.mode = mode;
  system.restore(checkpoint);
  world.listener = listener;
  world.violations.push(...violations);
  for (const sentence of left) world.report('leak', sentence, null);
}
