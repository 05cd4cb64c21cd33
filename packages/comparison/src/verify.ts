/** Holding variants against recordings that the caller brings. */
import {
  type Case,
  type CaseResult,
  CaseRunner,
  resultKeyOf,
  type VerifyReport,
} from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import { addTallies, failuresOf, skipsOf, tallyOf } from './tally';

/** A case that is wrong itself: it uses a name that no step gave, or a device that its profile does not have. */
export interface UnusableCase {
  readonly case: Case;
  /** The step at which that showed, from 0. */
  readonly step: number;
  readonly message: string;
}

export interface Verified {
  /**
   * Counts are steps, once a variant. The steps of a case that cannot be used count as skipped; those that differ as the
   * variant declares have passed.
   */
  readonly report: VerifyReport;
  /** How many of the steps that passed differ as the variant declares. */
  readonly declared: number;
  /** Each case at most once, whatever the number of variants. */
  readonly unusable: readonly UnusableCase[];
}

/** Runs the cases on each variant. A case that cannot be used does not keep the others from being compared. */
export function verifyTraces(
  cases: readonly Case[],
  variants: readonly Variant[],
  onProgress?: (done: number, total: number, id: string) => void,
): Verified {
  const total = cases.length * variants.length;
  const runner = new CaseRunner();
  const unusable = new Map<Case, UnusableCase>();
  const results = cases.flatMap((one, index) =>
    variants.map((variant, position) => {
      const result = runOrExplain(runner, one, variant);
      if ('message' in result) unusable.set(one, result);
      onProgress?.(index * variants.length + position + 1, total, one.id);
      return 'message' in result ? skippedResult(result, variant) : result;
    }),
  );
  const declared = results.reduce((sum, result) => sum + tallyOf(result).declared, 0);
  return { report: reportOf(results), declared, unusable: [...unusable.values()] };
}

function runOrExplain(runner: CaseRunner, one: Case, variant: Variant): CaseResult | UnusableCase {
  let step = 0;
  const onStep = (number: number) => {
    step = number;
  };
  try {
    return runner.run(one, variant, { onStep });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { case: one, step, message: error.message };
  }
}

function skippedResult({ case: one, step, message }: UnusableCase, variant: Variant): CaseResult {
  const { title, steps } = one;
  const skipped = `step ${step} ${steps[step]?.op}: ${message}`;
  const head = { ...resultKeyOf(one, variant), title, steps: steps.length };
  return { ...head, failures: [], declared: [], audit: [], violations: [], skipped };
}

/** The results as one report; counts are steps. What a variant declares has passed. */
export function reportOf(results: readonly CaseResult[]): VerifyReport {
  const tally = addTallies(results.map(tallyOf));
  return {
    kind: 'traces',
    total: tally.steps,
    passed: tally.equal + tally.declared,
    failed: tally.differing,
    skipped: tally.skipped,
    failures: results.flatMap(failuresOf),
    skips: results.flatMap(skipsOf),
  };
}
