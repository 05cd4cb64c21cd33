/** Letting go of an open file. `@kernel fput`, `task_work_run` */
import type { Op } from '@iommu-lab/explorer';
import type { OpenFile } from './open-file';

/** A task, as far as files need it: what is released runs when its call is about to return to user space. */
export interface ReleasesLater {
  releaseLater(file: OpenFile): void;
}

function releasesLater(task: unknown): task is ReleasesLater {
  return typeof task === 'object' && task !== null && 'releaseLater' in task;
}

/**
 * Drops a reference. After the last one the file is released, but not here: locks may be held. The running task does
 * it on its way out of the kernel; without a task there is nothing to wait for and it is done at once.
 */
export function* fput(file: OpenFile): Op<void> {
  if (!(yield* file.refs.put())) return;
  const task = file.world.current?.task;
  if (releasesLater(task)) task.releaseLater(file);
  else yield* releaseFile(file);
}

/** The end of a file nobody holds. `@kernel __fput` */
export function* releaseFile(file: OpenFile): Op<void> {
  yield* file.release();
  yield* file.free();
}
