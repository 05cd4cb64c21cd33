/** A workload: steps without expectations, that run on any variant. Data only, no functions. */
import * as v from 'valibot';
import { parseAs } from './parse-as';
import { parseWorkloadStep } from './parse-step';
import type { WorkloadStep } from './step';
import { name } from './values';

export interface Workload {
  readonly id: string;
  readonly title: string;
  /** The profile whose machine, kernel and labels the steps speak of. */
  readonly profile: string;
  /** Features without which it cannot run. */
  readonly needs: readonly string[];
  readonly steps: readonly WorkloadStep[];
}

/** What a workload and a case have in common. */
export const head = { id: name, title: name, profile: name, needs: v.array(name) };

const document = v.strictObject({ ...head, steps: v.array(v.unknown()) });

/** The workload that the JSON value describes. `source` names its file in errors. Throws `InputError`. */
export function parseWorkload(json: unknown, source: string): Workload {
  const place = { source };
  const { steps, ...rest } = parseAs(document, json, place);
  return { ...rest, steps: steps.map((step, k) => parseWorkloadStep(step, place, `steps[${k}]`)) };
}
