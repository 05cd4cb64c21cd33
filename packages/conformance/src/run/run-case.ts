/** Runs one case on one variant: every step in order, then the audit. */
import type { EventListener } from '@iommu-lab/explorer';
import type { Variant } from '@iommu-lab/kernel';
import type { Case } from '../grammar/case';
import { compareStep } from '../trace/compare';
import type { CaseResult, StepFailure } from './case-result';
import { canPerform, Interpreter } from './interpreter';

export interface RunOptions {
  /** Sees every event of the kernel. */
  readonly listener?: EventListener;
  /** Called before each step with its number. */
  readonly onStep?: (step: number) => void;
}

/**
 * Boots a kernel of the case's profile with the variant and runs the steps. A step that never comes back or kills the
 * kernel ends the case: steps after it count as different.
 */
export function runCase(one: Case, variant: Variant, options: RunOptions = {}): CaseResult {
  const head = {
    id: one.id,
    title: one.title,
    variant: variant.id,
    profile: one.profile,
    steps: one.steps.length,
  };
  const skipped = reasonToSkip(one, variant);
  if (skipped !== null) return { ...head, failures: [], audit: [], violations: [], skipped };
  const interpreter = new Interpreter(one.profile, variant);
  if (options.listener !== undefined) interpreter.listen(options.listener);
  const failures: StepFailure[] = [];
  for (const [index, step] of one.steps.entries()) {
    options.onStep?.(index);
    const answer = interpreter.run(step);
    const differences = compareStep(step, answer);
    if (differences.length > 0) failures.push({ step: index, op: step.op, differences, answer });
  }
  const violations = interpreter.violations();
  const audit = one.expect?.audit === false ? [] : interpreter.audit();
  return { ...head, failures, audit, violations, skipped: null };
}

function reasonToSkip(one: Case, variant: Variant): string | null {
  if (variant.ports.domain === undefined)
    return 'the variant has no domain port: frontend type1 cannot use it';
  const unknown = one.steps.find((step) => !canPerform(step.op));
  if (unknown !== undefined) return `the operation ${unknown.op} cannot be performed by this version`;
  const missing = one.needs.find((need) => !(variant.supports as readonly string[]).includes(need));
  return missing === undefined ? null : `the variant does not support ${missing}`;
}
