/** Memory that a call needs for itself: mapped for its duration, at an address that no workload uses. */
import type { Op } from '@iommu-lab/explorer';
import type { Errno } from '@iommu-lab/kernel';
import { sysMmap, sysMunmap } from '../syscall/mappings';
import type { Task } from '../task/task';

export const SCRATCH_VADDR = 0x7e0000000000n;

/** Runs `use` with anonymous memory at `SCRATCH_VADDR`. */
export function* withScratch<T>(task: Task, lengthBytes: bigint, use: () => Op<T>): Op<T | Errno> {
  const length = lengthBytes === 0n ? 1n : lengthBytes;
  const mapped = yield* sysMmap(task, {
    vaddr: SCRATCH_VADDR,
    lengthBytes: length,
    readable: true,
    writable: true,
  });
  if (typeof mapped === 'string') return mapped;
  const answer = yield* use();
  yield* sysMunmap(task, SCRATCH_VADDR, length);
  return answer;
}
