/**
 * Which entry points of the IOMMU core VFIO calls over a design, and from which of its functions: over all workloads of
 * the newest recorded kernel that its design is watched on. A workload's own calls of a port are not VFIO's.
 */
import type { TraceEvent } from '@iommu-lab/explorer';
import type { Variant } from '@iommu-lab/kernel';
import { CaseRunner } from '../run/run-case';
import { workloads } from '../workloads';
import { ENTRY_POINT, MAPPING, plainName } from './calls';
import { PROFILE } from './observe-operations';

/** The functions of VFIO that call it, by entry point, both by their kernel's names. */
export type Surface = ReadonlyMap<string, ReadonlySet<string>>;

const ITERATOR = 'iommu_group_for_each_dev';

/** Runs the workloads on the variant. What they answer is not looked at. */
export function observeSurface(variant: Variant): Surface {
  const callers = new Map<string, Set<string>>();
  /** Who called the iterator that a fiber is in: its callback is that function's. */
  const iterating = new Map<string, string>();
  const listener = (event: TraceEvent): void => {
    if (event.kind !== 'call') return;
    const name = plainName(event.name);
    if (!ENTRY_POINT.test(name) || MAPPING.test(name)) return;
    const within = plainName(event.within);
    const caller = within === ITERATOR ? (iterating.get(event.fiber) ?? '') : within;
    if (name === ITERATOR) iterating.set(event.fiber, within);
    if (!caller.startsWith('vfio_')) return;
    const known = callers.get(name) ?? new Set();
    callers.set(name, known.add(caller));
  };
  const runner = new CaseRunner();
  for (const one of workloads()) if (one.profile === PROFILE) runner.run(one, variant, { listener });
  return callers;
}
