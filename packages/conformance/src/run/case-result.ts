/** What came of running one case on one variant. */
import type { Violation } from '@iommu-lab/explorer';
import type { ResultKey } from '../results/result-key';
import type { Difference, StepAnswer } from '../trace/compare';

/** A step whose answer is not as expected. */
export interface StepFailure {
  /** The step's number in its case, from 0. */
  readonly step: number;
  readonly op: string;
  readonly differences: readonly Difference[];
  readonly answer: StepAnswer;
}

/** A step whose answer is not as expected, as the variant declares. */
export interface DeclaredStep {
  readonly step: number;
  readonly op: string;
  /** What it answered instead. */
  readonly instead: string;
  readonly reason: string;
}

export interface CaseResult extends ResultKey {
  readonly title: string;
  readonly steps: number;
  readonly failures: readonly StepFailure[];
  /** Steps that differ as the variant declares: no failures. */
  readonly declared: readonly DeclaredStep[];
  /** What is left over after the end, in words; empty when everything is as at boot. */
  readonly audit: readonly string[];
  readonly violations: readonly Violation[];
  /** Set where the case was not run, and why. */
  readonly skipped: string | null;
}

/** Whether the case came out as expected, or as the variant declares. */
export function holds(result: CaseResult): boolean {
  return (
    result.skipped === null &&
    result.failures.length === 0 &&
    result.audit.length === 0 &&
    result.violations.length === 0
  );
}
