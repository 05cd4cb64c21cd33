/** Runs the four watched operations on a variant and collects calls and cost. */
import type { Variant } from '@iommu-lab/kernel';
import type { Step } from '../grammar/step';
import { profile } from '../profiles';
import type { Cost } from '../results/results';
import { Bench, Interpreter } from '../run/interpreter';
import { CallRecorder, entryPoints, type ObservedCall } from './calls';
import { CostRecorder } from './cost';
import {
  OBSERVED_WORKLOADS,
  type ObservedOperation,
  type ObservedWorkload,
  UNPLUG,
} from './observed-operations';

/** Where designs are watched: the newest recorded kernel. */
export const PROFILE = 'debian-6.12-intel';

export interface Observation {
  readonly calls: Readonly<Record<ObservedOperation, readonly ObservedCall[]>>;
  readonly cost: Readonly<Record<ObservedOperation, Cost>>;
  /** The entry points called in any of the operations, in the order of first use. */
  readonly entryPoints: string[];
}

/** Watches the variant. Throws where a step of a watched workload fails: then there is nothing to compare. */
export function observeOperations(variant: Variant): Observation {
  const calls = {} as Record<ObservedOperation, readonly ObservedCall[]>;
  const cost = {} as Record<ObservedOperation, Cost>;
  const bench = Bench.boot(profile(PROFILE), variant);
  for (const workload of OBSERVED_WORKLOADS) {
    const seen = watch(bench, variant.id, workload);
    calls[workload.operation] = seen.calls;
    cost[workload.operation] = seen.cost;
  }
  return { calls, cost, entryPoints: entryPoints(Object.values(calls).flat()) };
}

/** What the variant calls while the last device of a group in use is removed. Throws as `observeOperations` does. */
export function observeUnplug(variant: Variant): readonly ObservedCall[] {
  return watch(Bench.boot(profile(PROFILE), variant), variant.id, UNPLUG).calls;
}

function watch(
  bench: Bench,
  variant: string,
  { title, setUp, watched }: Omit<ObservedWorkload, 'operation'>,
): { calls: readonly ObservedCall[]; cost: Cost } {
  const interpreter = new Interpreter(bench);
  const run = (steps: readonly Step[]) => {
    for (const step of steps) {
      const { errno } = interpreter.run(step);
      if (errno !== null) throw new Error(`${variant}: ${title}: ${step.op} failed: ${errno}`);
    }
  };
  run(setUp);
  const callRecorder = new CallRecorder();
  const costRecorder = new CostRecorder();
  interpreter.listen((event) => {
    callRecorder.listen(event);
    costRecorder.listen(event);
  });
  run(watched);
  bench.reset();
  return { calls: callRecorder.calls, cost: costRecorder.cost };
}
