/** The process on whose behalf the kernel runs now. `@kernel current` */
import type { World } from '@iommu-lab/explorer';
import { Task } from '../task/task';

/** Null in a kernel thread. */
export function currentTask(world: World): Task | null {
  const task = world.current?.task;
  return task instanceof Task ? task : null;
}
