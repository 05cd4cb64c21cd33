/** The way back from the kernel: what the call let go of is released before user space goes on. */
import type { Op } from '@iommu-lab/explorer';
import type { Task } from '../task/task';

/** Runs one system call of `task`. */
export function* systemCall<T>(task: Task, body: Op<T>): Op<T> {
  const answer = yield* body;
  yield* task.runReleases();
  return answer;
}
