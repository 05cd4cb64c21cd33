/**
 * results.json, version 1: the one source of every report of a run. One row for each variant, and the same numbers
 * workload by workload.
 *
 * Counts are steps. Columns of different kinds are never added up; there is no overall score.
 */
import * as v from 'valibot';
import { parseAs } from '../grammar/parse-as';
import { count, flag, name } from '../grammar/values';
import { InputError } from '../input-error';
import { failureSchema, skipSchema } from './failure';
import { placeEntries, resultKeyText } from './result-key';

export const RESULTS_VERSION = 1;

/**
 * steps = equal + declared + differing + skipped. `declared`: differs as the variant says that it does; `differing`: and it
 * does not say so.
 */
const tally = { steps: count, equal: count, declared: count, differing: count, skipped: count };

/** What one operation of a variant costs in the model. */
const costSchema = v.strictObject({
  lockAcquisitions: count,
  /** Steps that ran while a lock was held. */
  stepsHeld: count,
  /** Invalidation commands given to the unit. */
  invalidations: count,
  contextWrites: count,
});

/** A move between two domains while the devices of the group do DMA. Transactions of all devices together. */
const trafficSchema = v.strictObject({
  era: name,
  machine: name,
  /** Steps without a transaction that reached the old or the new page, of the device with the most; null for ever. */
  blackout: v.nullable(count),
  /** Refused since the core had the device on another domain, or on none. */
  blocked: count,
  /** Refused while the driver rewrote its entries. */
  dropped: count,
  /** Reached a page of neither domain. */
  foreign: count,
});

const rowSchema = v.strictObject({
  variant: name,
  title: name,
  /** Steps of recorded traces: equal to what a kernel answered. */
  conformance: v.strictObject(tally),
  /** Steps of the suite's own workloads: equal to what their clauses demand. */
  workloads: v.strictObject(tally),
  /** The entry points of its API that it called. */
  entryPoints: v.array(name),
  /** A container gets its IOMMU, a group joins it, moves to another, leaves. */
  cost: v.strictObject({ 'set-iommu': costSchema, join: costSchema, move: costSchema, leave: costSchema }),
  /**
   * Which hazards of designs it lets happen, of how many that were judged, and the token of the worst; null for a design
   * that was not judged.
   */
  safety: v.nullable(
    v.strictObject({ era: name, judged: count, reachable: v.array(name), worst: v.nullable(name) }),
  ),
  /** Null where the design cannot make the move by itself. */
  traffic: v.nullable(trafficSchema),
});

const workloadSchema = v.strictObject({
  /** Its name in this document, of which failures and skips speak. */
  id: name,
  ...placeEntries,
  title: name,
  /** A kernel gave the expected answers; otherwise it is a workload of the suite's own. */
  recorded: flag,
  /** `counterfactual`: no kernel of that era had the entry points of the design, nor a near form of them. */
  cells: v.array(v.strictObject({ variant: name, ...tally, counterfactual: flag })),
});

export const resultsSchema = v.strictObject({
  version: v.literal(RESULTS_VERSION),
  /** The suite's version. */
  suite: name,
  /** `evidence`: the kernel was recorded, or only its source was read. */
  profiles: v.array(v.strictObject({ id: name, era: name, evidence: v.picklist(['recorded', 'read']) })),
  /** Why the run does not hold, one sentence each; empty where it holds. */
  reasons: v.array(name),
  rows: v.array(rowSchema),
  byWorkload: v.array(workloadSchema),
  failures: v.array(failureSchema),
  skips: v.array(skipSchema),
});

export type Results = v.InferOutput<typeof resultsSchema>;
export type ResultRow = v.InferOutput<typeof rowSchema>;
export type WorkloadResult = v.InferOutput<typeof workloadSchema>;
export type Cost = v.InferOutput<typeof costSchema>;
export type Tally = Pick<ResultRow['conformance'], 'steps' | 'equal' | 'declared' | 'differing' | 'skipped'>;

/**
 * The results that the JSON value describes. Throws `InputError`, also where counts do not add up or two results are of
 * the same thing.
 */
export function parseResults(json: unknown, source: string): Results {
  const results = parseAs(resultsSchema, json, { source });
  const check = (tallied: Tally, field: string) => {
    const sum = tallied.equal + tallied.declared + tallied.differing + tallied.skipped;
    if (sum === tallied.steps) return;
    throw new InputError(`expected equal + declared + differing + skipped = ${sum}, got ${tallied.steps}`, {
      source,
      field: `${field}.steps`,
    });
  };
  for (const [k, row] of results.rows.entries()) {
    check(row.conformance, `rows[${k}].conformance`);
    check(row.workloads, `rows[${k}].workloads`);
  }
  for (const [k, workload] of results.byWorkload.entries()) {
    for (const [j, cell] of workload.cells.entries()) check(cell, `byWorkload[${k}].cells[${j}]`);
  }
  checkDistinct(results, source);
  return results;
}

function checkDistinct({ byWorkload }: Results, source: string): void {
  const seen = new Set<string>();
  const check = (text: string, field: string) => {
    if (seen.has(text)) throw new InputError(`a second result of ${text}`, { source, field });
    seen.add(text);
  };
  for (const [k, { id, cells, ...place }] of byWorkload.entries()) {
    check(id, `byWorkload[${k}].id`);
    for (const [j, { variant }] of cells.entries()) {
      check(resultKeyText({ ...place, variant }), `byWorkload[${k}].cells[${j}].variant`);
    }
  }
}
