/** What `explore --json` prints: one result for each scenario and variant, each with how far it reaches. */
import * as v from 'valibot';
import { parseAs } from '../grammar/parse-as';
import { count, name } from '../grammar/values';
import { VIOLATION_KINDS } from '../scenario/violation-kinds';

const violation = v.strictObject({
  kind: v.picklist(VIOLATION_KINDS),
  /** What was concerned, by its label. */
  object: v.nullable(name),
  /** The modelled kernel function in which it shows. */
  at: name,
  /** Whether it is what the scenario looks for: it shows the hazard. */
  sought: v.boolean(),
  /** Names the schedule: `iommu-lab replay TOKEN`. Null: it could not be shown a second time. */
  token: v.nullable(name),
  /** Steps of the schedule up to the violation. */
  steps: count,
  /** Places where it leaves the default policy: run a thread until it cannot go on, then the first that can. */
  deviations: count,
  message: name,
  /** What happened, one sentence each. */
  story: v.array(name),
  /** What would have ordered the two sides, where the schedule says. */
  remedy: v.nullable(name),
});

/** What a second engine said of the same scenario: a check of the explorer by itself, no part of the verdict. */
const agreement = v.strictObject({
  engines: v.tuple([v.literal('optimal'), v.literal('source')]),
  executions: v.tuple([count, count]),
  /** Both found the same, and as many traces where each is run once. */
  agree: v.boolean(),
  /** What differs, in words. */
  differences: v.array(name),
});

const result = v.strictObject({
  scenario: name,
  /** The number in the catalogue. */
  hazard: v.nullable(name),
  /** Null where the hazard is the kernel's, whatever the design. */
  variant: v.nullable(name),
  era: name,
  /**
   * `COMPLETE`: every interleaving of this scenario. `BOUNDED`: within the bound that `reason` names. `SAMPLED`: some.
   * `VACUOUS`: the deciding events never met, or the injected failure was never taken. `NOT_EXPRESSIBLE`: the variant cannot run it.
   */
  verdict: v.picklist(['COMPLETE', 'BOUNDED', 'SAMPLED', 'NOT_EXPRESSIBLE', 'VACUOUS']),
  violations: v.array(violation),
  /** Executions that ran to their end. */
  executions: count,
  /**
   * A token under which the same threads show the hazard in another variant or era; `mutant ID` where a patch of the
   * catalogue of mutants does. Null: found here, or shown by none.
   */
  witness: v.nullable(name),
  /** What was seen of the deciding events: the lock or reference that forbids an order, or that both ran. */
  because: v.nullable(name),
  /** What the verdict rests on. */
  reason: name,
  /** Null: one engine was asked for, or the search was ended. */
  agreement: v.nullable(agreement),
  /** Executions that were run a second time to see that nothing is out of control, and those that went differently. */
  repeated: count,
  differing: count,
  engine: v.picklist(['optimal', 'source', 'bounded', 'pct', 'random']),
  memoryModel: v.literal('sequentially consistent'),
  threads: count,
  /** Steps of the longest execution. */
  deepest: count,
});

export const exploreReportSchema = v.strictObject({
  /** The suite's version. */
  suite: name,
  results: v.array(result),
});

export type ExploreReport = v.InferOutput<typeof exploreReportSchema>;
export type ExploreResult = ExploreReport['results'][number];
export type ExploreViolation = ExploreResult['violations'][number];

/** The report that the JSON value describes. Throws `InputError`. */
export function parseExploreReport(json: unknown, source: string): ExploreReport {
  return parseAs(exploreReportSchema, json, { source });
}
