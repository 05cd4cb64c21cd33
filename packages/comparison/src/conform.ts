/** One variant against everything that there is to hold it against, whatever the others do. */
import {
  type Case,
  type CaseResult,
  CaseRunner,
  holds,
  recordings,
  selectCases,
  type VerifyReport,
  workloads,
} from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import { disallowedSkips } from './support';
import { reportOf } from './verify';

export interface ConformOptions {
  /** Glob over the ids of cases; default: all. */
  readonly case?: string;
  /** Stop after the first case that does not hold. */
  readonly bail?: boolean;
  /** Called after each case with how many of how many are done. */
  readonly onProgress?: (done: number, total: number, id: string) => void;
}

export interface Conformance {
  /** Counts and differences of the cases that were run. */
  readonly report: VerifyReport;
  /** The cases that were run, in order, each with what came of it. */
  readonly cases: readonly { readonly case: Case; readonly result: CaseResult }[];
  readonly holds: boolean;
  /** Why it does not hold, one sentence each. */
  readonly reasons: readonly string[];
}

/** Runs every recorded case and workload on the variant. @throws InputError where no case is selected. */
export function conform(variant: Variant, options: ConformOptions = {}): Conformance {
  const all = [...recordings().flatMap(({ cases }) => cases), ...workloads()];
  const selected = selectCases(all, options.case ?? '*');
  const cases: { case: Case; result: CaseResult }[] = [];
  const runner = new CaseRunner();
  for (const one of selected) {
    const result = runner.run(one, variant);
    cases.push({ case: one, result });
    options.onProgress?.(cases.length, selected.length, one.id);
    if (options.bail === true && result.skipped === null && !holds(result)) break;
  }
  const report = reportOf(cases.map(({ result }) => result));
  const reasons = reasonsAgainst(report, selected.length - cases.length);
  return { report, cases, holds: reasons.length === 0, reasons };
}

function reasonsAgainst(report: VerifyReport, notRun: number): string[] {
  const reasons: string[] = [];
  if (report.passed + report.failed === 0) reasons.push('nothing was compared');
  if (report.failures.length > 0) reasons.push(`${report.failed} of ${report.total} steps differ`);
  const skips = disallowedSkips(report.skips).length;
  if (skips > 0) reasons.push(`${skips} cases were skipped that must run`);
  if (notRun > 0) reasons.push(`${notRun} cases were not run after the first failing one`);
  return reasons;
}
