/** Holding every variant against recordings that the caller brings. */
import { type Case, type CaseResult, CaseRunner, type VerifyReport } from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import { addTallies, failuresOf, skipsOf, tallyOf } from './tally';

/** Runs the cases on each variant; counts are steps, once a variant. */
export function verifyTraces(
  cases: readonly Case[],
  variants: readonly Variant[],
  onProgress?: (done: number, total: number, id: string) => void,
): VerifyReport {
  const total = cases.length * variants.length;
  const runner = new CaseRunner();
  const results = cases.flatMap((one, index) =>
    variants.map((variant, position) => {
      const result = runner.run(one, variant);
      onProgress?.(index * variants.length + position + 1, total, one.id);
      return result;
    }),
  );
  return reportOf(results);
}

/** The results as one report; counts are steps. */
export function reportOf(results: readonly CaseResult[]): VerifyReport {
  const tally = addTallies(results.map(tallyOf));
  return {
    kind: 'traces',
    total: tally.steps,
    passed: tally.equal,
    failed: tally.differing,
    skipped: tally.skipped,
    failures: results.flatMap(failuresOf),
    skips: results.flatMap(skipsOf),
  };
}
