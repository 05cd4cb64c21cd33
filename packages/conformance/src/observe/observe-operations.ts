/** Runs the four watched operations on a variant and collects calls and cost. */
import type { Variant } from '@iommu-lab/kernel';
import type { Cost } from '../results/results';
import { Interpreter } from '../run/interpreter';
import { CallRecorder, entryPoints, type ObservedCall } from './calls';
import { CostRecorder } from './cost';
import { OBSERVED_WORKLOADS, type ObservedOperation } from './observed-operations';

/** Where designs are watched: the newest recorded kernel. */
const PROFILE = 'debian-6.12-intel';

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
  for (const { operation, setUp, watched } of OBSERVED_WORKLOADS) {
    const interpreter = new Interpreter(PROFILE, variant);
    const callRecorder = new CallRecorder();
    const costRecorder = new CostRecorder();
    const run = (steps: typeof setUp) => {
      for (const step of steps) {
        const answer = interpreter.run(step);
        if (answer.errno !== null)
          throw new Error(`${variant.id}: ${operation}: ${step.op} failed: ${answer.errno}`);
      }
    };
    run(setUp);
    interpreter.listen((event) => {
      callRecorder.listen(event);
      costRecorder.listen(event);
    });
    run(watched);
    calls[operation] = callRecorder.calls;
    cost[operation] = costRecorder.cost;
  }
  return { calls, cost, entryPoints: entryPoints(Object.values(calls).flat()) };
}
