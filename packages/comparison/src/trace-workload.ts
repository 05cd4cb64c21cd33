/** One workload on one variant, event by event: what `trace` prints, alone or beside another variant. */
import { type Case, type CaseResult, runCase } from '@iommu-lab/conformance';
import type { TraceEvent } from '@iommu-lab/explorer';
import type { Variant } from '@iommu-lab/kernel';

/** One step of the workload and what happened inside the kernel meanwhile. */
export interface TracedStep {
  readonly step: number;
  readonly op: string;
  readonly events: readonly TraceEvent[];
}

export interface TracedCase {
  readonly variant: string;
  readonly steps: readonly TracedStep[];
  readonly result: CaseResult;
}

/** Runs the case with every event kept. */
export function traceWorkload(one: Case, variant: Variant): TracedCase {
  const perStep: TraceEvent[][] = one.steps.map(() => []);
  let current: TraceEvent[] = [];
  const result = runCase(one, variant, {
    onStep: (step) => {
      // What comes after the last step is the audit's.
      current = perStep[step] ?? [];
    },
    listener: (event) => current.push(event),
  });
  const steps = one.steps.map((step, index) => ({ step: index, op: step.op, events: perStep[index] ?? [] }));
  return { variant: variant.id, steps, result };
}
